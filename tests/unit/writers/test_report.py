"""The HTML report: it stands alone, says every number and how it was found, and trusts no name."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine.errors import Cancelled, EngineError
from engine.frozen import FrozenMap
from engine.info import AccuracySource, Compressed, Evaluation, Metrics, StepResult
from engine.jobs.job import Quiet
from engine.writers.report import page, write_report
from tests.unit.writers.report_cases import compressed, evaluation

NO_CONTENT = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page, checked to be nested as they should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in NO_CONTENT:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.text.setdefault(tag, []).append(data)

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def all(self, tag: str = "body") -> str:
        return "".join(self.text.get(tag, [])).replace("\N{NO-BREAK SPACE}", " ")


def shown(result: Compressed) -> Page:
    return Page(page(result, Quiet()))


@pytest.fixture(scope="module")
def usual() -> Page:
    return shown(compressed())


# It stands alone -------------------------------------------------------------------------------


def test_nothing_is_fetched(usual: Page) -> None:
    text = page(compressed(), Quiet())
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    assert not {"link", "img", "iframe", "object", "base"} & {tag for tag, _ in usual.elements}
    names = {attribute for _, attributes in usual.elements for attribute in attributes}
    assert "src" not in names
    assert not any(name.startswith("on") for name in names)
    assert all(str(a["href"]).startswith("#") for a in usual.tags("a"))


def test_the_browser_runs_that_script_and_no_other(usual: Page) -> None:
    policy = next(
        str(meta["content"])
        for meta in usual.tags("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    digest = hashlib.sha256("".join(usual.text["script"]).encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'")


def test_links_within_lead_somewhere(usual: Page) -> None:
    ids = [attributes["id"] for _, attributes in usual.elements if "id" in attributes]
    links = [str(one["href"])[1:] for one in usual.tags("a")]
    assert links == ids
    assert ids == [
        *("before-and-after", "remarks", "steps", "classes", "training", "layers", "weights"),
        "reproduce",
    ]


def test_same_result_same_bytes(tmp_path: Path) -> None:
    one = write_report(compressed(), tmp_path / "a.html", Quiet())
    two = write_report(compressed(), tmp_path / "b.html", Quiet())
    assert one.read_bytes() == two.read_bytes()


def test_two_thousand_layers_stay_small(tmp_path: Path) -> None:
    path = write_report(compressed(2000), tmp_path / "report.html", Quiet())
    assert path.stat().st_size < 5_000_000
    parsed = Page(path.read_text(encoding="utf-8"))
    assert "conv1999.v" in parsed.all()
    assert len(parsed.tags("rect")) < 400


# It says what there is to say --------------------------------------------------------------------


def test_verdict_in_words(usual: Page) -> None:
    said = usual.all("p")
    old, new = compressed().original.size_bytes or 0, compressed().measured.size_bytes or 1
    assert f"The file is {old / new:.2f}× smaller" in said
    assert "runs 2.26× faster (0.970 ms → 0.430 ms)" in said
    assert "Its top-1 accuracy is 1.76 points lower (87.88 % → 86.12 %" in said
    assert "Verified: the file was loaded again" in said
    assert "Not verified" not in said


def test_every_quantity_says_how_it_was_found(usual: Page) -> None:
    text = page(compressed(), Quiet())
    start = text.index('<section id="before-and-after">')
    table = text[start : text.index("</table>", start)]
    heads = re.findall(r'<th scope="row">(.*?)</th>', table)
    assert len(heads) == 10
    assert all(re.search(r"<small>(measured|counted)</small>$", head) for head in heads)
    assert "<small>± 14.3 µs</small>" in table
    assert "85.48 – 86.75 %" in table
    said = usual.all("p")
    assert "10,000 samples in ONNX Runtime 1.31.1, against the labels" in said
    assert "412 runs in ONNX Runtime 1.31.1, both files in turns; batch 1, 1 thread" in said


def test_steps_with_settings_times_and_numbers(usual: Page) -> None:
    text = usual.all("td")
    for words in (
        *("Channel pruning", "criterion: taylor", "1 rule for some layers", "12 s", "40.0 KB"),
        *("soft_targets (temperature: 4, weight: 0.9)", "55 s", "86.80 %", "Stopped early."),
        *("weight_bits: 8", "from an earlier run"),
    ):
        assert words in text


def test_classes_curves_and_histograms_are_drawn(usual: Page) -> None:
    said = usual.all()
    assert "automobile" in said
    assert "finetune: loss: 2 → 0.325" in said
    paths = [one["class"] for one in usual.tags("path")]
    assert paths.count("line") == 2
    assert paths.count("before") == 8
    assert paths.count("after") == 7  # the last layer was divided


def test_recipe_versions_and_command(usual: Page) -> None:
    code = usual.all("pre")
    assert (
        "espalier compress plain.pt2 --data DATA --recipe recipe.yaml -o plain_small.onnx" in code
    )
    assert "--target avx2" in code
    assert compressed().recipe in code
    said = usual.all("table")
    assert "2.13.0" in said
    assert "A processor of 8 cores" in said


def test_a_folder_of_the_user_is_not_told(usual: Page) -> None:
    assert "/home/user" not in page(compressed(), Quiet())
    assert "plain_small.onnx" in usual.all()


def test_a_command_that_is_known_is_shown() -> None:
    versions = FrozenMap({"command": "espalier compress a.onnx --limit 7"})
    parsed = shown(compressed(versions=versions))
    assert "espalier compress a.onnx --limit 7" in parsed.all("pre")
    assert "command" not in parsed.all("th")


def with_sizes(old: int, new: int, before_ms: float, after_ms: float) -> Compressed:
    usual = compressed()
    return replace(
        usual,
        original=replace(usual.original, size_bytes=old, latency_ms=before_ms),
        measured=replace(usual.measured, size_bytes=new, latency_ms=after_ms),
    )


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (with_sizes(1000, 1001, 1.0, 1.01), "is as large as the original (1.00 KB → 1.00 KB)"),
        (with_sizes(1000, 1001, 1.0, 1.01), "runs as fast as before"),
        (with_sizes(1000, 2000, 1.0, 1.5), "is 2.00× as large as the original"),
        (with_sizes(1000, 2000, 1.0, 1.5), "takes 1.50× the original’s time"),
        (with_sizes(1000, 2000, 1.0, 1.5), "The file did not shrink."),
        (with_sizes(1000, 500, 1.0, 1.5), "The file is slower than the original"),
        (compressed(verified=False), "Not verified"),
        (compressed(max_relative_difference=0.0523), "at most 5.2 % of the largest"),
        (compressed(max_relative_difference=2.1e-7), "at most 2.1e-07 of the largest"),
        (compressed(evaluation=None), "was not measured: there was no data"),
        (compressed(original_evaluation=None), "Its top-1 accuracy is 86.12 %."),
        (
            compressed(original_evaluation=evaluation(0.8612)),
            "is the original’s, 86.12 %",
        ),
        (
            compressed(evaluation=replace(evaluation(0.97), source=AccuracySource.AGREEMENT)),
            "gives the original’s class on 97.00 % of 10,000 samples",
        ),
        (
            compressed(evaluation=replace(evaluation(0.97), source=AccuracySource.SYNTHETIC)),
            "10,000 made-up samples",
        ),
        (
            compressed(evaluation=replace(evaluation(0.97), source=AccuracySource.SYNTHETIC)),
            "measure with data of your own",
        ),
        (
            compressed(steps=(StepResult(0, "n_m", "N:M pruning", 1.0),)),
            "Zeros in a dense file save nothing",
        ),
        (compressed(evaluation=evaluation(0.8780)), "cannot be told from chance"),
        (compressed(evaluation=replace(evaluation(0.87), nonfinite=3)), "3 of the compressed"),
        (compressed(steps=()), "The recipe has no steps."),
        (compressed(recipe="steps: ["), "steps: ["),
    ],
)
def test_words_for_each_outcome(case: Compressed, words: str) -> None:
    assert words in shown(case).all()


def test_no_remark_without_its_reason(usual: Page) -> None:
    said = usual.all()
    for words in ("Zeros in a dense file", "did not shrink", "slower", "told from chance"):
        assert words not in said


def test_without_labels_the_original_is_the_measure() -> None:
    after = replace(evaluation(0.97, agreement=0.97), source=AccuracySource.AGREEMENT)
    usual = compressed(evaluation=after, original_evaluation=replace(after, top1=1.0))
    text = page(usual, Quiet())
    start = text.index('<section id="before-and-after">')
    table = text[start : text.index("</table>", start)]
    assert "Same class as the original" in table
    assert "Top-1" not in table
    assert "100.00 %" not in table
    assert table.count("97.00 %") == 1


def test_a_network_that_does_not_classify() -> None:
    def errors(psnr: float) -> Evaluation:
        return Evaluation(
            100, AccuracySource.LABELS, loss=0.02, errors=FrozenMap({"psnr <dB>": psnr})
        )

    usual = compressed(evaluation=errors(31.5), original_evaluation=errors(32.25))
    said = shown(replace(usual, measured=replace(usual.measured, top1=None, source=None))).all()
    assert "Error: psnr <dB>" in said
    assert "31.5" in said
    assert "Top-1 accuracy" not in said


def test_nearly_nothing_is_known() -> None:
    usual = compressed()
    bare = Compressed(
        file="x.safetensors",
        format="safetensors",
        target="",
        recipe="",
        predicted=Metrics(),
        measured=Metrics(size_bytes=10),
        original=Metrics(),
        verified=True,
        max_relative_difference=0.0,
        steps=(StepResult(0, "svd", "SVD", 0.1),),
        before=replace(usual.before, layers=(), macs=None, name=""),
        after=replace(usual.after, layers=(), macs=None),
    )
    said = shown(bare).all()
    assert "Network, compressed" in said
    assert "nan" not in said.lower().replace("nanosecond", "")
    assert "None" not in said


# It trusts no name -------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title><b>",
    "a\u202egnp.exe",
    "bell\x07\x00",
    "lone \ud800",
    "&lt;not&gt;",
    "x" * 100_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_from_files_are_text(name: str, tmp_path: Path, usual: Page) -> None:
    one = compressed(6)
    layers = tuple(replace(layer, name=f"{layer.name}{name}") for layer in one.before.layers)
    hostile = replace(
        one,
        file=f"/tmp/{name}",
        format=name,
        target=name,
        recipe=f"steps:\n- method: {name}",
        notes=(name[:500],),
        steps=(replace(one.steps[0], method=name, title=name, notes=(name[:500],)),),
        before=replace(one.before, name=name, layers=layers, warnings=(name[:500],)),
        after=replace(one.after, layers=layers),
        evaluation=replace(evaluation(0.8), labels=(name,) * 10, runtime=name),
        curves=((name, 0, 1.0), (name, 1, 2.0)),
        versions=FrozenMap({name[:500]: name}),
    )
    path = write_report(hostile, tmp_path / "report.html", Quiet())
    parsed = Page(path.read_text(encoding="utf-8"))
    tags = {tag for tag, _ in parsed.elements}
    assert tags <= {tag for tag, _ in usual.elements}
    assert len(parsed.tags("script")) == 1
    attributes = {attribute for _, found in parsed.elements for attribute in found}
    assert not {"onerror", "src"} & attributes
    assert path.stat().st_size < 3_000_000
    assert not re.search(r"[\x00-\x08\u202e]", parsed.all())
    if len(name) < 100 and name.isprintable():
        assert name in parsed.all("h1")
        assert f"conv0{name}" in parsed.all("td")


# It is written whole or not at all ---------------------------------------------------------------


class Stopper(Quiet):
    """Cancels at the n-th question."""

    def __init__(self, after: int) -> None:
        self.left = after

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("after", [0, 5, 30])
def test_cancelled_reports_leave_what_was_there(after: int, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(Cancelled):
        write_report(compressed(40), path, Stopper(after))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_progress_ends_at_its_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    class Recorder(Quiet):
        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            if text:
                seen.append((done, total))

    write_report(compressed(3), tmp_path / "r.html", Recorder())
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be written"):
        write_report(compressed(2), tmp_path / "none" / "r.html", Quiet())
