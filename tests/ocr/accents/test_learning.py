from __future__ import annotations

from services.ocr.accents.learning.channel import learn_channel
from services.ocr.accents.learning.corpus import DEV, TEST, formulae, held_out
from services.ocr.accents.learning.rendered import match_lines, wrap


def test_the_channel_learns_what_a_letter_becomes() -> None:
    pairs = [("số bộ", "s6 b6"), ("một số", "mot s6"), ("bộ số", "b6 s6"), ("cây số", "cay s6")] * 40
    channel = learn_channel(pairs)
    row = channel.one[channel.right.index("ố")]
    assert channel.read[int(row.argmin())] == "6"


def test_the_same_pairs_give_the_same_channel() -> None:
    pairs = [("thực hiện", "thuc hién"), ("một cửa", "mét ctra")] * 10
    assert learn_channel(pairs).one.tobytes() == learn_channel(pairs).one.tobytes()


def test_held_out_lines_go_by_their_number() -> None:
    lines = [str(number) for number in range(3000)]
    assert held_out(lines, TEST) == ["5", "1002", "1999", "2996"]
    assert held_out(lines, DEV) == ["6", "1003", "2000", "2997"]


def test_print_lines_are_cut_at_spaces() -> None:
    assert wrap(["một hai ba bốn"], 8) == ["một hai", "ba bốn"]


def test_a_line_the_engine_lost_has_no_pair() -> None:
    right = ["căn cứ luật tổ chức", "xét đề nghị của giám đốc", "quyết định phê duyệt"]
    read = ["can ct luat té chirc", "quyét dinh phé duyét"]
    assert match_lines(right, read) == [(right[0], read[0]), (right[2], read[1])]


def test_formulae_know_the_motto() -> None:
    assert "Độc lập - Tự do - Hạnh phúc" in formulae()
