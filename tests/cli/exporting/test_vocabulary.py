"""Which tokens stand in a file's vocabulary."""

from gguf import TokenType

from stages.cli.exporting.vocabulary import _tokens


def test_a_token_that_the_model_has_no_row_for_is_left_out() -> None:
    added = [{"id": 1, "content": "<end>", "special": True}, {"id": 4, "content": "<pad>", "special": True}]
    tokens, kinds = _tokens({"model": {"vocab": {"a": 0, "b": 1}}, "added_tokens": added}, 3)
    assert tokens == ["a", "<end>", "[PAD2]"]
    assert kinds == [TokenType.NORMAL, TokenType.CONTROL, TokenType.UNUSED]
