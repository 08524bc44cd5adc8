"""Nothing leaves the building, and nothing is written but what was asked for."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip import offline
from ecgclip.doctor import State, examine
from ecgclip.onnx_graph import onnxruntime
from ecgclip.paper.render import render
from ecgclip.simulation.ecg import SyntheticSource
from tests.sealed import SUPPORTED, run_sealed

needs_seccomp = pytest.mark.skipif(not SUPPORTED, reason="seccomp filters are Linux's")

WORK = """
import sys, time
import ecgclip
from ecgclip.cli import main
data, photo = sys.argv[1:]
for words in (
    ["build-index", data, "--index", "index"],
    ["query", photo, "--index", "index", "-k", "2", "--save-rectified", "page.png"],
    ["query", photo, "--index", "index", "--text", "atrial fibrillation"],
    ["search", "vorhofflimmern", "--index", "index"],
    ["embed", "--images", photo, "--out", "images.npz"],
    ["embed", "--records", data, "--out", "records.parquet"],
    ["evaluate", "--data", data],
    ["build-index", "synthetic:70", "--index", "index", "--workers", "2"],
    ["verify", "--index", "index"],
    ["doctor", "--index", "index"],
):
    assert main(words) == 0, words
engine = ecgclip.Engine(ecgclip.load_model(), ecgclip.open_index("index"))
until = time.monotonic() + 2
while time.monotonic() < until:
    engine.query(photo, 2)
"""


def write_ptbxl(folder: Path, count: int) -> None:
    """Synthetic records in PTB-XL's layout, folds 1 to 9."""
    lines = ["ecg_id,patient_id,age,sex,report,scp_codes,strat_fold,filename_lr,filename_hr"]
    records = folder / "records100" / "00000"
    records.mkdir(parents=True)
    source = SyntheticSource(count)
    for number, name in enumerate(source.ids, 1):
        ecg, stem = source.read(name), f"{number:05d}_lr"
        digital = np.round(np.nan_to_num(ecg.signal_mv[:, ::5]) * 1000).astype("<i2")
        digital.T.tofile(records / f"{stem}.dat")
        signals = [f"{stem}.dat 16 1000(0)/mV 16 0 0 0 0 {lead}" for lead in ecg.leads]
        header = "\n".join([f"{stem} 12 100 {digital.shape[1]}", *signals])
        (records / f"{stem}.hea").write_text(header + "\n")
        place = f"records100/00000/{stem}"
        codes = {"NORM": 100.0, "SR": 0.0} if number % 2 else {"AFIB": 100.0, "IMI": 50.0}
        lines.append(f'{number},{number},50,0,{ecg.report},"{codes}",{number % 9 + 1},{place},')
    (folder / "ptbxl_database.csv").write_text("\n".join(lines) + "\n")
    kinds = {"NORM": ("NORM", 1, ""), "IMI": ("MI", 1, ""), "AFIB": ("", "", 1), "SR": ("", "", 1)}
    rows = [",".join(map(str, (code, *marks))) for code, marks in kinds.items()]
    text = "\n".join([",diagnostic_class,diagnostic,rhythm", *rows]) + "\n"
    (folder / "scp_statements.csv").write_text(text)


@needs_seccomp
def test_a_sealed_process_dies_of_an_internet_socket(tmp_path: Path) -> None:
    """The positive control: without it the test below could not fail."""
    for family in ("AF_INET", "AF_INET6"):
        assert run_sealed(f"import socket; socket.socket(socket.{family})", tmp_path).spoke
    local = run_sealed("import socket; socket.socketpair()", tmp_path)
    assert local.code == 0, local.output


@needs_seccomp
def test_a_working_day_opens_no_internet_socket_and_leaves_nothing_behind(tmp_path: Path) -> None:
    write_ptbxl(tmp_path / "ptbxl", 27)
    photo = tmp_path / "photo.png"
    Image.fromarray(render(SyntheticSource(1).read("00001"), "3x4+1R", "pink").array).save(photo)
    ended = run_sealed(WORK, tmp_path, str(tmp_path / "ptbxl"), str(photo))
    assert not ended.spoke
    assert ended.code == 0, ended.output[-2000:]
    assert ended.files == ()
    made = {path.name for path in (tmp_path / "work").iterdir()}
    assert made == {"index", "page.png", "images.npz", "records.parquet"}


def test_telemetry_is_off_before_anything_of_ecgclip_can_run() -> None:
    code = "import ecgclip.units, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_the_switch_is_set_again_where_somebody_took_it_away() -> None:
    code = (
        "import os, ecgclip; del os.environ['ORT_DISABLE_TELEMETRY']\n"
        "from ecgclip.onnx_graph import onnxruntime\n"
        "onnxruntime(); print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_onnxruntime_imported_first_is_told_by_the_engine_and_by_doctor(tmp_path: Path) -> None:
    code = (
        "import os, warnings; os.environ['ORT_DISABLE_TELEMETRY'] = '0'; os.environ['CI'] = '1'\n"
        "import onnxruntime, ecgclip\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always'); ecgclip.load_model().warm_up()\n"
        "print(*(one.message for one in seen))\n"
        "from ecgclip.doctor import examine\n"
        "print(*(check.state for check in examine('none') if check.name == 'telemetry'))\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    warned, state = done.stdout.splitlines()
    assert "onnxruntime was imported before ecgclip" in warned
    assert state == State.BAD


def test_a_version_that_nobody_examined_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert offline.problem("1.32.7") == offline.problem("1.20.1") == ""
    assert "2.0.0 was not examined" in offline.problem("2.0.0")
    assert "1.33.0rc1 was not examined" in offline.problem("1.33.0rc1")
    monkeypatch.setattr("ecgclip.doctor.metadata.version", lambda name: "1.99.0")
    (check,) = (check for check in examine("none") if check.name == "telemetry")
    assert check.state == State.BAD


def test_the_api_that_disables_events_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    package = onnxruntime()
    monkeypatch.setattr(package, "disable_telemetry_events", lambda: called.append(1))
    onnxruntime.cache_clear()
    assert onnxruntime() is package
    assert called == [1]
