"""A row that a stage did not keep, with its reason from a closed list."""

from enum import StrEnum

from stages.core.row import Record


class Reason(StrEnum):
    """Why a row was dropped; the one list for all stages."""

    # ingest
    MALFORMED = "malformed"  # the record cannot be read as its format
    UNKNOWN_SCENE = "unknown_scene"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_LANGUAGE = "unknown_language"
    DUPLICATE_ID = "duplicate_id"
    DUPLICATE = "duplicate"  # the same content as an earlier row
    TOO_FEW_TURNS = "too_few_turns"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    # model answers
    NO_ANSWER = "no_answer"  # an empty reply
    TRUNCATED = "truncated"  # cut off at the token limit
    FILTERED = "filtered"  # the endpoint's content filter
    ENDPOINT_FAILED = "endpoint_failed"  # no answer from the endpoint for this row, retries included
    NOT_RECORDED = "not_recorded"  # neither recorded nor cached, and llm.*.missing is drop
    UNPARSABLE = "unparsable"  # not in the asked form
    REFUSED = "refused"  # the model declines
    # instructions
    OTHER_LANGUAGE = "other_language"  # a language this run leaves out
    TOO_SHORT = "too_short"
    WRONG_LANGUAGE = "wrong_language"
    PROMPT_ECHO = "prompt_echo"  # repeats the meta-prompt
    LOOPS = "loops"  # the same words over and over
    REDUNDANT = "redundant"  # too like a row that was kept
    UNCHANGED = "unchanged"  # a child like its parent
    DRIFTED = "drifted"  # a child that lost its parent's meaning
    NOT_ABOUT_DIALOGUE = "not_about_dialogue"  # an instruction that needs no conversation
    UNFIT = "unfit"  # outcompeted in its generation
    UNDECIDED = "undecided"  # waits for a person
    DISCARDED = "discarded"  # a person said so
    # samples, labels, selection
    NO_PROMPT = "no_prompt"  # no prompt fits this dialogue
    NOT_DRAWN = "not_drawn"  # outside the sample's quotas, or more hand-written instructions than wanted
    NO_REFERENCE = "no_reference"  # no provided answer for this row
    LOW_QUALITY = "low_quality"
    NEAR_DUPLICATE = "near_duplicate"
    NO_HELP = "ifd_one_or_more"  # the prompt makes its answer no likelier (IFD)
    OVER_QUOTA = "over_quota"  # the row's scene and task have what they may have
    OVER_TARGET = "over_target"
    OVER_CONTEXT = "over_context"  # longer than the model's context


class Dropped(Record):
    """What was dropped: the row's id (or place, when it has none yet), the reason, never its text."""

    id: str
    reason: Reason
    detail: str = ""
    parents: tuple[str, ...] = ()
