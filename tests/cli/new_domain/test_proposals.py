"""`dial-insight new-domain` with a writer: an endpoint on loopback that answers by a script; what it says is invented, some of it unfit."""

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stages.cli import check
from stages.cli.domain_check import DomainCheck
from stages.cli.main import main
from stages.cli.new_domain import material
from stages.core import yaml_files
from stages.core.row import content_id
from stages.dialogues.split import cases
from stages.library.domain_pack import Domain, Instructions, Tasks
from stages.rows.dialogue import HeldOut
from tests.cli.new_domain.conftest import NAME, TALKS
from tests.support.endpoint import Odd, Server, completion

if TYPE_CHECKING:
    from tests.cli.new_domain.conftest import Set

PACK = Path("prompts", NAME)
SCENES = [
    {"id": "Appointments", "name": {"en": "appointments"}, "description": {"en": "A pet owner asks for a date or moves one."}},
    {"id": "treatment", "name": {"en": "treatment at home"}, "description": {"en": "A pet owner asks what to do for the animal."}},
    {"id": "bills", "name": {"en": "bills"}, "description": {"en": "A charge is asked about, as with Minka."}},
]  # fmt: skip
PEOPLE = {
    "title": {"en": "Veterinary practice"},
    "roles": [
        {"id": "receptionist", "name": {"en": "the receptionist"}, "description": {"en": "Hands out dates, calms [PERSON_1]."}},
        {"id": "customer", "name": {"en": "the customer"}, "description": {"en": "Brings the animal."}},
        {"id": "nurse", "name": {"en": "the nurse"}, "description": {"en": "Advises on care at home and knows when to come in."}},
    ],
    "customers": {"en": ["Pet owner", "customer", "keeper"]},
}  # fmt: skip
REQUIREMENTS = {
    "information extraction": [
        {"id": "animal", "text": {"en": "Extract the kind of animal, its age and its complaint."}},
        {"id": "doses", "text": {"en": "Extract which medicine is given, how much of it and how often."}},
    ],
    "content summarization": [
        {"id": "case", "text": {"en": "Summarize the course of the illness for the file."}},
        {"id": "same", "text": {"en": "Summarize what was asked for, what was settled and what is still open."}},
    ],
    "dialogue generation": [{"id": "care", "text": {"zh": "照护说明"}}],
}
INSTRUCTIONS = {
    "animal": [
        {"requirement": "animal", "text": "Record which animal the pet owner speaks of, how old it is and what ails it. Former animals do not count.", "fields": ["Animal", "age", "complaint"]},
        {"requirement": "animal", "text": "Record which animal the pet owner speaks of, how old it is and what ails it; former animals do not count.", "fields": ["animal", "age"]},
    ],
    "case": [
        {"requirement": "case", "text": "Tell the course of the illness as the pet owner reports it, from the first sign to the advice given.", "fields": []},
        {"requirement": "case", "text": "Search the internet for the illness and summarize what the pet owner should know about it.", "fields": []},
    ],
}  # fmt: skip


def scene_of(text: str) -> str:
    if re.search(r"bill|charge|insurance|pay", text):
        return "bills"
    return "treatment" if re.search(r"tablets|licks|paste", text) else "appointments"


def script(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]] | Odd:
    asked = body["messages"][-1]["content"]
    wanted = set(body["response_format"]["json_schema"]["schema"]["properties"])
    if wanted == {"scenes"}:
        return completion(json.dumps({"scenes": SCENES}))
    if wanted == {"scene"}:
        return completion(json.dumps({"scene": scene_of(asked.split(">>>")[0])}))
    if wanted == {"requirements"}:
        task = next(name for name in REQUIREMENTS if f"Kind of task: {name}" in asked)
        return completion(json.dumps({"requirements": REQUIREMENTS[task]}))
    if wanted == {"instructions"}:
        return completion(json.dumps({"instructions": INSTRUCTIONS["animal" if "- animal:" in asked else "case"]}))
    return completion("Here you are:\n```json\n" + json.dumps(PEOPLE) + "\n```")


@pytest.fixture
def asked(place: Path, settings: "Set", server: Server) -> Server:
    server.script = script
    generator = {"backend": "openai", "model": "m", "base_url": server.url, "temperature": 0.0, "top_p": 1.0}
    settings(llm__generator=generator)
    return server


def test_fit_proposals_become_a_draft_that_says_so(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0
    domain = yaml_files.load(PACK / "domain.yaml", Domain)
    assert [(row.id, row.weight) for row in domain.scenes] == [
        ("appointments", 1.0),
        ("treatment", 0.6),
        ("bills", 0.8),
    ]
    assert [row.id for row in domain.roles] == ["receptionist", "nurse"]
    assert domain.roles[0].scenes == ("appointments", "treatment", "bills")
    assert domain.title == {"en": "Veterinary practice"} and domain.customers == {"en": ("pet owner", "keeper")}
    tasks = yaml_files.load(PACK / "tasks.yaml", Tasks)
    assert [row.id for row in tasks.get("information_extraction").requirements][2:] == ["animal", "doses"]
    written = {row.id: row for row in yaml_files.load(PACK / "instructions.yaml", Instructions).instructions}
    assert written["en_animal_1"].fields == ("animal", "age", "complaint") and "en_case_1" in written
    assert "m, shown up to 12 of 12 conversations" in capsys.readouterr().out
    text = (PACK / "domain.yaml").read_text(encoding="utf-8")
    assert text.count("# proposed by m, not read by a person yet") == 3 + 2 + 2  # scenes, roles, title and customers
    assert "# weight: 3 of 12 conversations are of it" in text


def test_what_does_not_fit_is_todo_with_the_reason(asked: Server) -> None:
    main(["new-domain", NAME, "--from", str(TALKS)])
    domain, tasks, written = (
        (PACK / f"{name}.yaml").read_text(encoding="utf-8") for name in ("domain", "tasks", "instructions")
    )
    carries = "left to you: the model's description en carries a name, a number or a mark of a conversation"
    assert domain.count(carries) == 2 and "Minka" not in domain and "[PERSON_1]" not in domain
    assert "left to you: the model's text en is missing" in tasks
    assert "- id: same" not in tasks  # says what is there already
    assert (
        "left to you: the model's wording asks for what no conversation holds" in written and "internet" not in written
    )
    assert written.count("former animals") + written.count("Former animals") == 1
    faults = [line for line in check.pack_faults(PACK, Path()) if "is TODO" not in line]
    assert faults == [] and any(
        "scene `bills`: description is TODO" in line for line in check.pack_faults(PACK, Path())
    )


def test_conversations_are_written_with_the_scene_that_was_found(
    asked: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-domain", NAME, "--from", str(TALKS), "--sample", "3", "--sort"]) == 0
    folder = Path("data/raw", NAME)
    assert [path.name for path in folder.iterdir()] == ["conversations.jsonl"]
    before, after = (list(map(json.loads, path.read_text(encoding="utf-8").splitlines())) for path in (TALKS, folder / "conversations.jsonl"))  # fmt: skip
    assert [row["turns"] for row in after] == [row["turns"] for row in before]
    assert {row["id"]: row["scene"] for row in after} == {
        row["id"]: scene_of(" ".join(turn["text"] for turn in row["turns"])) for row in before
    }
    checked = DomainCheck(NAME)
    assert not any(": scene " in line for line in checked.notes())
    assert not any("ingest.defaults.scene" in row.key for row in checked.misfits())


def test_without_sorting_all_are_of_one_scene_and_that_is_said(
    asked: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0
    assert "--sort writes them with the scene the model finds" in capsys.readouterr().out
    empty = [line for line in DomainCheck(NAME).notes() if "no conversation is of it" in line]
    assert len(empty) == 3  # scene treatment, scene bills, and one of the two roles


def test_the_check_counts_what_nobody_has_read(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new-domain", NAME, "--from", str(TALKS)])
    (line,) = (line for line in check.notes() if "/domain.yaml" in line)
    assert line.startswith(f"{PACK}/domain.yaml:4: 7 blocks proposed by m and not read by a person yet (lines 4, ")
    capsys.readouterr()
    main(["check", NAME])
    assert line in capsys.readouterr().out.splitlines()
    path = PACK / "domain.yaml"
    path.write_text(
        re.sub("^ *# proposed by m.*\n", "", path.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8"
    )
    assert not any("/domain.yaml" in line for line in check.notes())


def test_nothing_personal_is_sent(asked: Server) -> None:
    main(["new-domain", NAME, "--from", str(TALKS)])
    sent = "\n".join(message["content"] for body in asked.bodies for message in body["messages"])
    assert "has not eaten since" in sent
    assert "Joanna" not in sent and "Petrie" not in sent and "Okafor" not in sent


def test_answers_are_kept_and_not_asked_for_again(asked: Server) -> None:
    main(["new-domain", NAME, "--from", str(TALKS)])
    count = len(asked.bodies)
    assert count == 1 + 12 + 1 + 3 + 2  # scenes, sorting, people, requirements, instructions
    assert main(["new-domain", f"{NAME}_2", "--from", str(TALKS)]) == 0
    assert len(asked.bodies) == count


def test_a_writer_that_fails_leaves_nothing_half_written(
    asked: Server, settings: "Set", capsys: pytest.CaptureFixture[str]
) -> None:
    asked.script = lambda body, number: Odd(status=401, content=b'{"error": {"message": "no"}}') if number > 3 else script(body, number)  # fmt: skip
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 1
    assert not PACK.exists() and not Path("data/raw", NAME).exists()
    assert len(capsys.readouterr().err.strip().splitlines()[-1:]) == 1
    asked.script = script
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0


def test_an_answer_of_another_form_leaves_all_to_a_person(asked: Server) -> None:
    asked.script = lambda *_: completion("I would rather talk about the weather.")
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0
    text = (PACK / "domain.yaml").read_text(encoding="utf-8")
    assert "left to you: the model's answer on scenes: unparsable" in text
    assert "left to you: the model's answer on roles: unparsable" in text and "- id: TODO" in text
    assert all("is TODO" in line for line in check.pack_faults(PACK, Path()))


def test_an_answer_of_which_nothing_fits_leaves_what_has_to_be_there(asked: Server) -> None:
    roles = [{"id": "customer", "name": {"en": "the customer"}, "description": {"en": "Pays."}}]
    poor = {"title": {"en": "Pets"}, "roles": roles, "requirements": [{"id": "short_id", "text": {"en": "…"}}], "scenes": SCENES[:1]}  # fmt: skip

    def answer(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        wanted = body["response_format"]["json_schema"]["schema"]["properties"]
        return completion(json.dumps({key: value for key, value in poor.items() if key in wanted}))

    asked.script = answer
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0
    domain, tasks = ((PACK / f"{name}.yaml").read_text(encoding="utf-8") for name in ("domain", "tasks"))
    assert "left to you: the model's roles are none that can be told apart" in domain and "- id: customer" not in domain
    assert "left to you: the model's answer on requirements: has none that fits" in tasks and "short_id" not in tasks
    assert tasks.count("id: TODO") == 2  # of the extraction alone


def test_chinese_conversations_are_asked_about_in_chinese(asked: Server, place: Path) -> None:
    talks = place / "zh.jsonl"
    turns = [
        {"party": "customer", "text": "我家的猫两天没吃东西了，今天能看吗？"},
        {"party": "provider", "text": "下午四点有空，请带上疫苗本。"},
    ]
    talks.write_text(json.dumps({"id": "1", "turns": turns}, ensure_ascii=False), encoding="utf-8")
    said = {
        "scenes": [{"id": "visit", "name": {"zh": "预约就诊"}, "description": {"zh": "宠物主人预约或更改就诊时间。"}}],
        "title": {"zh": "宠物诊所"},
        "roles": [{"id": "assistant", "name": {"zh": "前台助理"}, "description": {"zh": "负责安排就诊时间，留意病情缓急。"}}],
        "customers": {"zh": ["宠物主人", "客户"]},
        "requirements": [{"id": "symptoms", "text": {"zh": "抽取动物的种类和症状。"}}],
        "instructions": [{"requirement": "symptoms", "text": "列出宠物主人提到的每种症状，以及它从什么时候开始。", "fields": ["症状", "开始时间"]}],
    }  # fmt: skip

    def answer(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        wanted = body["response_format"]["json_schema"]["schema"]["properties"]
        return completion(json.dumps({key: value for key, value in said.items() if key in wanted}, ensure_ascii=False))

    asked.script = answer
    assert main(["new-domain", NAME, "--from", str(talks)]) == 0
    assert all("只输出一个JSON对象" in body["messages"][-1]["content"] for body in asked.bodies)
    domain = yaml_files.load(PACK / "domain.yaml", Domain)
    assert domain.scenes[0].name == {"zh": "预约就诊"} and domain.customers == {"zh": ("宠物主人",)}
    written = yaml_files.load(PACK / "instructions.yaml", Instructions).instructions
    assert {row.language for row in written} == {"zh"}
    assert next(row for row in written if row.id == "zh_symptoms_1").fields == ("症状", "开始时间")
    assert list(check.pack_faults(PACK, Path())) == []


def test_where_nobody_is_asked_it_is_the_skeleton(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0
    assert "nobody is asked, answers are looked up" in capsys.readouterr().out
    drafted = {path.name: path.read_text(encoding="utf-8") for path in PACK.iterdir()}
    assert main(["new-domain", f"{NAME}_2", "--from", str(TALKS), "--skeleton"]) == 0
    for name, text in drafted.items():
        bare = Path("prompts", f"{NAME}_2", name).read_text(encoding="utf-8").replace(f"{NAME}_2", NAME)
        assert re.sub("^ *# left to you.*\n", "", text, flags=re.M) == bare


def test_a_batch_stops_with_its_file_and_goes_on_with_the_answers(
    place: Path, settings: "Set", capsys: pytest.CaptureFixture[str]
) -> None:
    settings(llm__generator={"backend": "batch", "model": "m", "temperature": 0.0, "top_p": 1.0})
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 1
    assert "1 requests wait for answers" in capsys.readouterr().err and not PACK.exists()
    (path,) = Path(".llm-cache/batch").rglob("*.jsonl")
    (line,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    _, made = completion(json.dumps({"scenes": SCENES[:1]}))
    answers = place / "answers.jsonl"
    answers.write_text(
        json.dumps({"custom_id": line["custom_id"], "response": {"status_code": 200, "body": made}}) + "\n"
    )
    assert main(["batch", "import", str(answers)]) == 0
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 1
    assert "1 requests wait for answers" in capsys.readouterr().err  # one scene needs no sorting: the people


def test_sorted_conversations_keep_their_group_as_it_came(asked: Server, place: Path) -> None:
    """A noisy version names the talk that it is of; ingest makes a hash of that, once, by which it is kept out with the talk."""
    talks = place / "talks.jsonl"
    rows = [json.loads(line) for line in TALKS.read_text(encoding="utf-8").splitlines()]
    rows[1]["group"], rows[2]["group"] = rows[0]["id"], "customer 7"
    talks.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["new-domain", NAME, "--from", str(talks), "--sort"]) == 0
    written = (Path("data/raw", NAME) / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line).get("group") for line in written][:4] == [None, rows[0]["id"], "customer 7", None]
    held = material.read([Path("data/raw", NAME, "conversations.jsonl")])
    assert held.dialogues[1].group == content_id(rows[0]["id"])
    assert held.dialogues[1].group in cases([HeldOut(id=held.dialogues[0].id, key=rows[0]["id"])])


def test_a_sorted_recording_stays_a_recording(asked: Server, place: Path) -> None:
    (place / "export").mkdir()
    shutil.copy(TALKS, place / "export")
    said = (("Agent", "Practice, what can I do for you?"), ("Customer", "My dog is ill, and I would like to come in."))
    cues = (f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n<v {who}>{words}\n\n" for n, (who, words) in enumerate(said))
    (place / "export/call.vtt").write_text("WEBVTT\n\n" + "".join(cues), encoding="utf-8")
    assert main(["new-domain", NAME, "--from", str(place / "export"), "--sort"]) == 0
    first, *others = (Path("data/raw", NAME) / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["source"] == "call" and not any("source" in json.loads(line) for line in others)


def test_sorting_beside_files_that_are_there_is_refused_before_anything_is_asked(
    asked: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-domain", NAME, "--from", str(TALKS)]) == 0
    count, folder = len(asked.bodies), Path("data/raw", NAME)
    for source in (str(TALKS), str(folder)):
        capsys.readouterr()
        assert main(["new-domain", NAME, "--from", source, "--sort", "--force"]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and f"{folder}: has {TALKS.name}, and sorted" in said
    assert [path.name for path in folder.iterdir()] == [TALKS.name] and len(asked.bodies) == count


def test_nothing_is_copied_beside_sorted_conversations(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new-domain", NAME, "--from", str(TALKS), "--sort"])
    assert main(["new-domain", NAME, "--from", str(TALKS), "--force"]) == 0
    assert f"{TALKS.name}: not copied" in capsys.readouterr().out
    assert [path.name for path in Path("data/raw", NAME).iterdir()] == ["conversations.jsonl"]


def test_conversations_are_sorted_into_the_scenes_of_a_domain_that_stays(asked: Server, place: Path) -> None:
    main(["new-domain", NAME, "--from", str(TALKS)])
    path = PACK / "domain.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("appointments", "visits"), encoding="utf-8")
    (Path("data/raw", NAME) / TALKS.name).unlink()
    before = path.read_text(encoding="utf-8")

    def answer(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        schema = body["response_format"]["json_schema"]["schema"]["properties"]
        if "scene" in schema:
            assert schema["scene"]["enum"] == ["visits", "treatment", "bills"]
            return completion(json.dumps({"scene": "visits"}))
        return script(body, number)

    asked.script = answer
    assert main(["new-domain", NAME, "--from", str(TALKS), "--sort", "--force"]) == 0
    assert path.read_text(encoding="utf-8") == before
    lines = (Path("data/raw", NAME) / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["scene"] for line in lines} == {"visits"}
