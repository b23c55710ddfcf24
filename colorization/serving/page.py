"""The page for people, by Gradio: drop a picture, see it before and after, change its colours, take it home."""

from __future__ import annotations

import os

# read when Gradio is imported: no word to anyone, nothing kept of what was done
os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_RUN_HISTORY": "False", "HF_HUB_OFFLINE": "1"}

import gradio as gr  # noqa: E402
from fastapi import FastAPI  # noqa: E402

from colorization.inference.colorize import Colorizer  # noqa: E402
from colorization.serving.bounded_work import BoundedWork  # noqa: E402
from colorization.serving.painting import Painting, told_on_the_page  # noqa: E402
from colorization.serving.service import Service  # noqa: E402
from colorization.serving.visits import Visits  # noqa: E402

RED = "#c03020"
FONTS = ["system-ui", "sans-serif"]  # the visitor's own; Gradio's theme would ask a host for fonts
# Gradio takes a paste by its own button only, and not where the browser forbids pages to read the clipboard.
PASTE = """<script>
document.addEventListener("paste", (event) => {
  const input = document.querySelector("#photograph input[type=file]");
  if (!input || !event.clipboardData.files.length) return;
  input.files = event.clipboardData.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
</script>"""
HINTS_HELP = "Choose a colour, then click a place in the picture above that should have it."

# for each of presets.NUMBERS, in its order: help, step, where it changes nothing, the most it can be set to
SLIDERS = {
    "temperature": ("lower = bolder, higher = more cautious", 0.01, 1.0, 1.0),
    "saturation": ("1 = as the network says, 0 = grey", 0.05, 1.0, 3.0),
    "vibrance": ("raises pale pictures and calms bold ones", 0.05, 0.0, 1.0),
}


def page_app(service: Service, work: BoundedWork, visits: Visits, max_upload: int) -> FastAPI:
    """Return the page as an app of its own. max_upload: bytes of a picture's file."""
    return gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        build_page(service, work, visits),
        path="/",
        max_file_size=max_upload,
        theme=gr.themes.Default(font=FONTS, font_mono=["monospace"]),
        head=PASTE,
        footer_links=[],
        show_error=False,  # a fault of ours is in the log, not on the page; what visitors should know is a gr.Error
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )


def build_page(service: Service, work: BoundedWork, visits: Visits) -> gr.Blocks:
    """The page, as it is for every visitor before a picture is given."""
    painting, first = Painting(service, work, visits), service.model()
    with gr.Blocks(title="colorization", analytics_enabled=False) as page:
        gr.Markdown("# Colours for a grey photograph")
        with gr.Row(equal_height=False):
            with gr.Column():
                picture = gr.Image(
                    label="Photograph",
                    type="filepath",
                    sources=["upload", "clipboard"],
                    buttons=[],
                    placeholder="Drop or paste a photograph here, or click to choose one",
                    elem_id="photograph",
                )
                controls = _controls(service, first)
            with gr.Column():
                result = gr.ImageSlider(label="Before and after", buttons=["fullscreen"], interactive=False)
                about = gr.Markdown()
                download = gr.DownloadButton("Download in full size", interactive=False, variant="primary")
        _connect(painting, service, controls, [picture, result, about, download])
        page.unload(painting.close)
    page.queue(default_concurrency_limit=None, max_size=None)  # the one bounded queue is BoundedWork
    return page


def _controls(service: Service, model: Colorizer) -> dict:
    """The controls by name; those that the model does not have are hidden."""
    several = len(service.names) > 1
    controls = {"model": gr.Dropdown(service.names, label="Model", value=service.names[0], visible=several)}
    states = control_states(model)
    controls["look"] = gr.Radio(label="Look", **states["look"])
    for name, (info, step, _, _) in SLIDERS.items():
        controls[name] = gr.Slider(0, step=step, label=name.capitalize(), info=info, **states[name])
    with gr.Column(**states["hints"]) as controls["hints"]:
        gr.Markdown(HINTS_HELP)
        controls["colour"] = gr.ColorPicker(RED, label="Colour of the next place")
        with gr.Row():
            controls["undo"] = gr.Button("Take the last place back")
            controls["no hints"] = gr.Button("Take all places back")
    return controls


def control_states(model: Colorizer) -> dict[str, dict]:
    """For each control what it shows for this model: `visible` where the model has it, `value` as it does unasked."""
    unasked = {**model.conditions, **next(iter(model.presets.values()), {})}
    states = {}
    for name, (_, _, plain, most) in SLIDERS.items():
        value = unasked.get(name, plain)
        most = max(most, value, *(preset.get(name, 0.0) for preset in model.presets.values()))
        states[name] = {"visible": name in model.conditions, "value": value, "maximum": most}
    presets = list(model.presets)
    states["look"] = {"choices": presets, "value": presets[0] if presets else None, "visible": len(presets) > 1}
    states["hints"] = {"visible": "hint_ab" in model.conditions}
    return states


def _connect(painting: Painting, service: Service, controls: dict, shown: list) -> None:
    """What happens when a visitor does something."""
    picture, result, *_ = shown
    numbers = [controls[name] for name in SLIDERS]
    asked = [controls["model"], *numbers]
    hidden = {"api_visibility": "private", "show_progress": "minimal"}
    hidden |= {"trigger_mode": "multiple"}  # Gradio's own way is to pass over what comes while the last is painted
    paint = {"inputs": asked, "outputs": shown, "show_progress_on": result, **hidden}
    adjusted = ("look", *SLIDERS, "hints")

    def for_model(name: str):
        with told_on_the_page():
            states = control_states(service.model(name))
        return [gr.update(**states[n]) for n in adjusted]

    def for_look(name: str, model: str):
        with told_on_the_page():
            chosen = service.model(model)
        values = {**chosen.conditions, **chosen.presets.get(name, {})}
        return [values.get(name, plain) for name, (_, _, plain, _) in SLIDERS.items()]

    # without Gradio's own preprocessing, which would decode the file whatever its size
    picture.upload(painting.begin, [picture, *asked], shown, preprocess=False, show_progress_on=result, **hidden)
    picture.clear(painting.leave, None, shown, **hidden)
    picture.select(painting.hint, [*asked, controls["colour"]], shown, show_progress_on=result, **hidden)
    controls["undo"].click(painting.undo, **paint)
    controls["no hints"].click(painting.clear_hints, **paint)
    controls["model"].input(for_model, controls["model"], [controls[name] for name in adjusted], **hidden).then(
        painting.again, **paint
    )
    controls["look"].input(for_look, [controls["look"], controls["model"]], numbers, **hidden).then(
        painting.again, **paint
    )
    for number in numbers:
        number.input(painting.again, **(paint | {"trigger_mode": "always_last"}))  # the keyboard's steps are no release
