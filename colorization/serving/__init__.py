"""Pictures colorized for others: a page for people and an HTTP endpoint for programs, in one server.

server.py puts the others together: endpoint.py answers requests, uploads.py receives what they bring, bounded_work.py
lets only so many be worked on at once, service.py colorizes one picture. page/ is what a browser loads: it asks the
same addresses as a program does.
"""
