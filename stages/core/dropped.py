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
    # split
    NEAR_TEST = "near_test"  # nearly the same words as a dialogue of the test set
    GROUP_OF_TEST = "group_of_test"  # the customer or case of a dialogue of the test set
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
    STAGNANT = "stagnant"  # a child in more words that asks for no more
    LOST_TASK = "lost_task"  # a child that asks for something else than its parent
    PERSONAL_DATA = "personal_data"  # a person, a number or a placeholder of one, carried over from a conversation
    ANSWERED = "answered"  # what an instruction brings about instead of one
    UNANSWERABLE = "unanswerable"  # asks what no conversation holds
    UNCLEAR = "unclear"  # nobody could tell what to do
    AMBIGUOUS = "ambiguous"  # more than one reading
    NOT_RICHER = "not_richer"  # asks no more than the seed it comes from
    DRIFTED = "drifted"  # a rewritten prompt that lost its meaning
    NOT_ABOUT_DIALOGUE = "not_about_dialogue"  # an instruction that needs no conversation
    UNFIT = "unfit"  # outcompeted in its generation
    UNDECIDED = "undecided"  # waits for a person
    DISCARDED = "discarded"  # a person said so
    # prompts: what a rewriting lost
    LOST_FIELD = "lost_field"  # the name of a field or label
    LOST_NUMBER = "lost_number"
    LOST_LIMIT = "lost_limit"  # at most, at least
    LOST_QUOTATION = "lost_quotation"  # what stands in quotation marks, or the words for what was not said
    # samples, labels, selection
    NO_INSTRUCTION = "no_instruction"  # none fits this dialogue
    NOT_DRAWN = "not_drawn"  # outside the sample's quotas, or more hand-written instructions than wanted
    NO_DIALOGUE = "no_dialogue"  # its conversation is not here
    NO_REFERENCE = "no_reference"  # no provided answer for this row
    NOT_NEEDED = "not_needed"  # a reserve that no row had to be replaced by
    LOW_QUALITY = "low_quality"
    NEAR_DUPLICATE = "near_duplicate"
    NO_IFD = "no_ifd"  # its difficulty could not be measured: too long for the base model, or without an answer's loss
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
