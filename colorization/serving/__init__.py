"""Pictures colorized for others: a page for people (Gradio) and an HTTP endpoint for programs, in one server.

server.py puts the others together: service.py colorizes one picture, bounded_work.py lets only so many do so at once,
endpoint.py is the door for programs, page.py with painting.py the one for people, gate.py and visits.py keep visitors
from each other. What they import of the web is in requirements-serve.txt, and imported nowhere else.
"""
