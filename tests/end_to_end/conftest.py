"""The page of `serve` and its visitors; what needs a browser is skipped where there is none."""

from pathlib import Path

import pytest

from tests.colorization.serving.server_process import export_models, serving
from tests.end_to_end.page_visitor import MAX_PIXELS, Visitor

PHOTO = Path(__file__).parents[2] / "saved_models/pretrained/photo"


@pytest.fixture(scope="session")
def page_server(tmp_path_factory):
    """A server with the models warm, hinted and photo."""
    folder = tmp_path_factory.mktemp("page")
    export_models(folder)
    words = [word for model in ("saved_models/warm", "saved_models/hinted", PHOTO) for word in ("--model", str(model))]
    with serving(folder, *words, "--max-upload", "1", "--max-pixels", MAX_PIXELS) as server:
        yield server
    assert "Traceback" not in "".join(server.warned)


@pytest.fixture(scope="module")  # its event loop must not outlast these tests: others start one of their own
def browser(chromium):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["desktop", pytest.param("phone", marks=pytest.mark.slow)])
def visit(browser, page_server, request):
    """A visitor who has just opened the page."""
    visitor = Visitor(browser, page_server, request.param)
    yield visitor
    assert visitor.faults == []
    visitor.context.close()
