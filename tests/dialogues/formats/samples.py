"""A small invented file of each format, and what is read of it; docs/formats.md shows them (`python -m tests.dialogues.formats.samples`)."""

from pathlib import Path
from typing import NamedTuple

from stages.dialogues.formats.field_map import shipped

PAGE = Path("docs/formats.md")
START, END = "<!-- samples: written by python -m tests.dialogues.formats.samples -->", "<!-- end of samples -->"


class Sample(NamedTuple):
    """A file, and the first conversation in it."""

    form: str
    file: str
    text: str
    key: str | None
    said: list[tuple[str, str, str]]  # party, speaker, text
    also: str = ""  # what else the page says


SAMPLES = [
    Sample(
        "native",
        "chats.jsonl",
        '{"id": "l-1", "language": "en", "scene": "renting", "source": "im_messages", "role": "rental_manager", "turns": '
        '[{"party": "customer", "speaker": "Linh Tran", "text": "Is the flat free?", "time": "09:30:00"}, {"party": "agent", "text": "It is."}]}\n',
        "l-1",
        [("customer", "Linh Tran", "Is the flat free?"), ("provider", "", "It is.")],
        "A key that is none of these makes a line malformed: it may be a misspelled one.",
    ),
    Sample(
        "contact_center_csv",
        "export.csv",
        "sep=;\nConversation ID;Utterance No;Timestamp;Party;Text;\nc-7;2.0;2025-01-15 10:31;Agent;It is.;\nc-7;1.0;2025-01-15 10:30;Customer;Is the flat free?;\n;;;;;\n",
        "c-7",
        [("customer", "", "Is the flat free?"), ("provider", "", "It is.")],
        "Also with `,`, tab or `|`, in UTF-16 or GB18030, with `speaker_name`, `channel` (the source), `scene`, `role` and `language`.",
    ),
    Sample(
        "WebVTT",
        "call.vtt",
        "WEBVTT\n\nNOTE\nid: call-9\nscene: renting\nprovider: Wade Hollis\n\n00:02.656 --> 00:03.230\n<v Wade Hollis>Northgate Lettings, hello.</v>\n\n"
        "00:04.000 --> 00:06.230\n<v Customer>Is the flat free?</v>\n\n00:07.000 --> 00:08.000\n\n",
        "call-9",
        [("provider", "Wade Hollis", "Northgate Lettings, hello."), ("customer", "Customer", "Is the flat free?")],
        "The NOTE is ours and may be left out. Names before the text, `Wade Hollis: Good morning.` as Zoom writes them, are read too.",
    ),
    Sample(
        "SRT",
        "call.srt",
        "1\n00:00:02,656 --> 00:00:03,230\n[Agent] Northgate Lettings, hello.\n\n2\n00:00:04,000 --> 00:00:06,230\n[Caller] Is the flat free?\n",
        None,
        [("provider", "Agent", "Northgate Lettings, hello."), ("customer", "Caller", "Is the flat free?")],
    ),
    Sample(
        "WhatsApp",
        "WhatsApp Chat with Linh.txt",
        "15/01/2025, 10:29 - Messages and calls are end-to-end encrypted.\n15/01/2025, 10:30 - Linh: Is the flat free?\nI mean the one in Mill Lane.\n"
        "15/01/2025, 10:30 - Linh: <Media omitted>\n15/01/2025, 10:31 - Northgate Lettings: It is.\n",
        None,
        [
            ("customer", "Linh", "Is the flat free?\nI mean the one in Mill Lane."),
            ("provider", "Northgate Lettings", "It is."),
        ],
        "Also `[15/01/2025, 10:30:05] Linh: …`, as iPhones write it. The one whom the file is called after is the customer.",
    ),
    Sample(
        "openai_messages",
        "log.jsonl",
        '{"id": 7, "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": [{"type": "input_text", "text": "Is the flat free?"}]}, '
        '{"role": "assistant", "content": null, "tool_calls": []}, {"role": "assistant", "content": "It is."}]}\n',
        "7",
        [("customer", "", "Is the flat free?"), ("provider", "", "It is.")],
    ),
    Sample(
        "sharegpt",
        "set.json",
        '[{"id": "s-1", "conversations": [{"from": "human", "value": "Is the flat free?"}, {"from": "gpt", "value": "It is."}]}]',
        "s-1",
        [("customer", "", "Is the flat free?"), ("provider", "", "It is.")],
    ),
    Sample(
        "schema_guided_dialogue",
        "dialogues_001.json",
        '[{"dialogue_id": "1_1", "services": ["Homes_1"], "turns": [{"speaker": "USER", "utterance": "Is the flat free?", "frames": []}, '
        '{"speaker": "SYSTEM", "utterance": "It is.", "frames": []}]}]',
        "1_1",
        [("customer", "", "Is the flat free?"), ("provider", "", "It is.")],
    ),
    Sample(
        "multiwoz",
        "data.json",
        '{"PMUL01.json": {"goal": {}, "log": [{"text": "Is the hotel free on Friday?", "metadata": {}}, {"text": "It is.", "metadata": {"hotel": {}}}]}, '
        '"PMUL02.json": {"goal": {}, "log": [{"text": "A taxi, please.", "metadata": {}}, {"text": "It comes at nine.", "metadata": {"taxi": {}}}]}}',
        "PMUL01.json",
        [("customer", "", "Is the hotel free on Friday?"), ("provider", "", "It is.")],
    ),
    Sample(
        "taskmaster",
        "woz.json",
        '[{"conversation_id": "dlg-1", "instruction_id": "movie-1", "utterances": [{"index": 0, "speaker": "USER", "text": "Two seats for tonight?"}, '
        '{"index": 1, "speaker": "ASSISTANT", "text": "At eight there are some."}]}]',
        "dlg-1",
        [("customer", "", "Two seats for tonight?"), ("provider", "", "At eight there are some.")],
    ),
    Sample(
        "abcd",
        "abcd_v1.1.json",
        '{"train": [{"convo_id": 3592, "scenario": {}, "original": [["agent", "Hello."], ["customer", "My order did not come."], ["action", "Account pulled up."]]}], '
        '"dev": [{"convo_id": 17, "scenario": {}, "original": [["agent", "Hello."], ["customer", "A refund, please."]]}]}',
        "3592",
        [("provider", "", "Hello."), ("customer", "", "My order did not come.")],
    ),
    Sample(
        "csds",
        "train.json",
        '[{"DialogueID": "12", "Dialogue": [{"turn": 0, "speaker": "Q", "utterance": "我的快递到哪里了？"}, {"turn": 1, "speaker": "A", "utterance": "已经到您的城市。"}], "FinalSumm": []}]',
        "12",
        [("customer", "", "我的快递到哪里了？"), ("provider", "", "已经到您的城市。")],
    ),
    Sample(
        "kdconv",
        "travel.json",
        '[{"messages": [{"message": "你去过那座山吗？"}, {"message": "去过，在北边。", "attrs": []}], "name": "那座山", "domain": "travel"}]',
        None,
        [("customer", "", "你去过那座山吗？"), ("provider", "", "去过，在北边。")],
    ),
    Sample(
        "telegram",
        "result.json",
        '{"name": "Linh", "type": "personal_chat", "id": 42, "messages": [\n'
        ' {"id": 1, "type": "service", "date": "2025-01-15T09:00:00", "actor": "Lettings", "action": "phone_call", "text": ""},\n'
        ' {"id": 2, "type": "message", "date": "2025-01-15T10:30:00", "from": "Linh", "from_id": "user2", "text": "Is the flat free?"},\n'
        ' {"id": 3, "type": "message", "date": "2025-01-15T10:31:00", "from": "Lettings", "from_id": "user1", "text": ["Yes, see ", {"type": "link", "text": "example.com/12"}, "."]},\n'
        ' {"id": 4, "type": "message", "date": "2025-01-15T10:32:00", "from": "Linh", "from_id": "user2", "photo": "(not included)", "text": ""}]}',
        "42",
        [("customer", "Linh", "Is the flat free?"), ("provider", "Lettings", "Yes, see example.com/12.")],
    ),
    Sample(
        "discord",
        "support.json",
        '{"guild": {"id": "1"}, "channel": {"id": "9", "name": "ticket-12"}, "messages": [\n'
        ' {"id": "1", "type": "Default", "timestamp": "2025-01-15T10:30:00+00:00", "content": "Is the flat free?", "author": {"name": "linh", "nickname": "Linh", "roles": [{"name": "Customer"}]}},\n'
        ' {"id": "2", "type": "Reply", "timestamp": "2025-01-15T10:31:00+00:00", "content": "It is.", "author": {"name": "wade", "nickname": "Wade", "roles": [{"name": "Staff"}]}}]}',
        "9",
        [("customer", "Linh", "Is the flat free?"), ("provider", "Wade", "It is.")],
    ),
    Sample(
        "slack",
        "2025-01-15.json",
        '[{"type": "message", "user": "U1", "username": "client", "ts": "1736937000.000100", "thread_ts": "1736937000.000100", "text": "Is the flat free &amp; clean?"},\n'
        ' {"type": "message", "subtype": "channel_join", "user": "U2", "username": "agent", "ts": "1736937001.000100", "text": "joined"},\n'
        ' {"type": "message", "user": "U2", "username": "agent", "ts": "1736937060.000100", "thread_ts": "1736937000.000100", "text": "It is."}]',
        "1736937000.000100",
        [("customer", "client", "Is the flat free & clean?"), ("provider", "agent", "It is.")],
        "Names are rarely words of the table: say under `parties` who is staff, by name or user id.",
    ),
    Sample(
        "intercom",
        "conversations.json",
        '{"type": "conversation.list", "conversations": [{"id": "204", "source": {"author": {"type": "lead", "name": "Linh"}, "body": "<p>Is the flat <b>free</b>?</p>"}, '
        '"conversation_parts": {"conversation_parts": [{"part_type": "note", "author": {"type": "admin"}, "body": "<p>rude</p>"}, '
        '{"part_type": "comment", "author": {"type": "admin", "name": "Wade"}, "body": "<p>It is.</p>"}]}}]}',
        "204",
        [("customer", "Linh", "Is the flat free?"), ("provider", "Wade", "It is.")],
    ),
    Sample(
        "zendesk_tickets",
        "comments.json",
        '{"comments": [{"id": 1, "author_id": 81, "plain_body": "Is the flat free?", "body": "Is the flat free?", "public": true, "created_at": "2025-01-15T10:30:00Z"}, '
        '{"id": 2, "author_id": 90, "body": "Call her?", "public": false, "created_at": "2025-01-15T10:30:30Z"}, '
        '{"id": 3, "author_id": 90, "body": "It is.", "public": true, "created_at": "2025-01-15T10:31:00Z"}], '
        '"users": [{"id": 81, "name": "Linh", "role": "end-user"}, {"id": 90, "name": "Wade", "role": "agent"}], "count": 3}',
        None,
        [("customer", "Linh", "Is the flat free?"), ("provider", "Wade", "It is.")],
    ),
    Sample(
        "zendesk_chat",
        "chats.json",
        '{"chats": [{"id": "2501.1", "type": "chat", "history": [{"type": "chat.memberjoin", "name": "Linh", "timestamp": "2025-01-15T10:29:00Z"}, '
        '{"type": "chat.msg", "sender_type": "Visitor", "name": "Linh", "msg": "Is the flat free?", "timestamp": "2025-01-15T10:30:00Z"}, '
        '{"type": "chat.msg", "sender_type": "Agent", "name": "Wade", "msg": "It is.", "timestamp": "2025-01-15T10:31:00Z"}]}]}',
        "2501.1",
        [("customer", "Linh", "Is the flat free?"), ("provider", "Wade", "It is.")],
    ),
    Sample(
        "genesys",
        "transcript.json",
        '{"conversationId": "g-1", "transcripts": [{"language": "en-us", "phrases": [{"text": "Lettings, hello.", "participantPurpose": "internal", "startTimeMs": 1000}, '
        '{"text": "It is.", "participantPurpose": "internal", "startTimeMs": 9000}, {"text": "Is the flat free?", "participantPurpose": "external", "startTimeMs": 4000}]}]}',
        "g-1",
        [("provider", "", "Lettings, hello."), ("customer", "", "Is the flat free?"), ("provider", "", "It is.")],
        "Channels that stand one after the other are put together by time.",
    ),
    Sample(
        "amazon_contact_lens_voice",
        "analysis.json",
        '{"Channel": "VOICE", "LanguageCode": "en-US", "CustomerMetadata": {"ContactId": "b-1"}, "Participants": [{"ParticipantId": "p1", "ParticipantRole": "AGENT"}, '
        '{"ParticipantId": "p2", "ParticipantRole": "CUSTOMER"}], "Transcript": [{"BeginOffsetMillis": 0, "Content": "Lettings, hello.", "ParticipantId": "p1"}, '
        '{"BeginOffsetMillis": 2200, "Content": "Is the flat free?", "ParticipantId": "p2"}]}',
        "b-1",
        [("provider", "", "Lettings, hello."), ("customer", "", "Is the flat free?")],
    ),
    Sample(
        "amazon_contact_lens_chat",
        "chat_analysis.json",
        '{"Channel": "CHAT", "LanguageCode": "en-US", "CustomerMetadata": {"ContactId": "b-2"}, "Participants": [{"ParticipantId": "p1", "ParticipantRole": "AGENT"}, '
        '{"ParticipantId": "p2", "ParticipantRole": "CUSTOMER"}], "Transcript": [{"AbsoluteTime": "2025-01-15T10:30:00Z", "Content": "Is the flat free?", "ParticipantId": "p2"}, '
        '{"AbsoluteTime": "2025-01-15T10:31:00Z", "Content": "It is.", "ParticipantId": "p1", "DisplayName": "Wade"}]}',
        "b-2",
        [("customer", "", "Is the flat free?"), ("provider", "Wade", "It is.")],
    ),
]


def samples() -> str:
    """Return the samples as the page shows them."""
    about = {form.name: form.about for form in shipped()}
    parts = []
    for sample in SAMPLES:
        fence = sample.file.rpartition(".")[2].replace("txt", "text").replace("srt", "text").replace("vtt", "text")
        read = "\n".join(
            f"{party}{f' {speaker}' if speaker else ''}: {' / '.join(text.split(chr(10)))}"
            for party, speaker, text in sample.said
        )
        said = ". ".join(part.rstrip(".") for part in (about.get(sample.form, ""), sample.also) if part)
        parts.append(
            f"### {sample.form}\n\n{f'{said}.' if said else ''}\n\n`{sample.file}`:\n\n```{fence}\n{sample.text.rstrip()}\n```\n\nis read as\n\n```text\n{read}\n```\n"
        )
    return "\n".join(parts).replace("\n\n\n\n", "\n\n")


def page(text: str) -> str:
    """Return the page with the samples in their place."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n\n{samples()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
