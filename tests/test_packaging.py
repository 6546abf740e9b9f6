"""What is installed is what was written: lessons found from a wheel, dependencies said once."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(file: str) -> list[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_requirements_without_torch_are_the_dependencies_less_torch() -> None:
    written = requirements("requirements-no-torch.txt")
    assert written == [d for d in PROJECT["dependencies"] if not d.startswith("torch")]
    assert len(written) == len(PROJECT["dependencies"]) - 1


def test_requirements_of_the_container_are_those_of_the_extra() -> None:
    written = requirements("deploy/requirements-classroom.txt")
    assert written == PROJECT["optional-dependencies"]["classroom"]


def test_the_container_takes_the_torch_that_the_project_asks_for() -> None:
    """deploy/Containerfile reads it out of pyproject.toml with this pattern, whose first match must be the only one."""
    found = re.findall(r"torch==[0-9.]*", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert found == [d for d in PROJECT["dependencies"] if d.startswith("torch")]


def test_every_dependency_has_its_reason() -> None:
    block = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("dependencies = [")[1].split("]")[0]
    lines = [line for line in block.splitlines() if line.strip()]
    assert all(re.search(r'",\s+# \w', line) for line in lines), lines


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_lessons_and_the_style_sheet(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tutor/tui/tutor.tcss" in names
    assert "tutor/lessons/README.md" in names
    assert "tutor/course/scaffold.md" in names
    assert "tutor/toy_llm/checkpoints/sft.safetensors" in names
    recorded = {path.name for path in (ROOT / "tutor" / "experiments" / "recorded").iterdir()}
    assert recorded
    assert recorded == {Path(name).name for name in names if name.startswith("tutor/experiments/recorded/")}
    lessons = {path.name for path in (ROOT / "lessons" / "en").glob("*.md")}
    assert lessons == {Path(name).name for name in names if name.startswith("tutor/lessons/en/")}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    return target


def python(code: str, installed: Path, folder: Path) -> list[str]:
    """The lines that `code` prints where the wheel is installed, in a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "RL_TUTOR_HOME": str(folder / "home")},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_installed_from_the_wheel_it_finds_its_lessons(installed: Path, tmp_path: Path) -> None:
    code = (
        "import tutor, tutor.paths as p, tutor.course as c;"
        "print(tutor.__file__); print(*[l.id for l in c.load_course(p.lessons_dir()).lessons])"
    )
    place, ids = python(code, installed, tmp_path)
    assert Path(place).is_relative_to(installed)
    assert ids.split() == sorted(path.stem for path in (ROOT / "lessons" / "en").glob("*.md"))


def test_installed_from_the_wheel_gymnasium_finds_the_maps_by_itself(installed: Path, tmp_path: Path) -> None:
    code = (
        "import gymnasium;"
        "env = gymnasium.make('rl_tutor/RussellNorvig-v0', render_mode='ansi');"
        "env.reset(seed=0); print(env.render());"
        "print(sum(id.startswith('rl_tutor/') for id in gymnasium.registry))"
    )
    assert python(code, installed, tmp_path) == ["...+", ".#.-", "@...", "7"]
