from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from services.classify import Model, default_model, load_model, understand
from services.classify.learned import BadModel
from services.classify.learning import Example, train

from .sheets import BIRTH, MOTTO, reading

NAMES = ("NGUYỄN VĂN AN", "TRẦN THỊ BÌNH", "LÊ VĂN CƯỜNG", "PHẠM THỊ DUNG")


def permit(name: str, street: str) -> str:
    return (
        MOTTO
        + f"""^!GIẤY PHÉP ĐẶT BIỂN HIỆU TẠM
Cho phép ông/bà: {name}
Được đặt biển hiệu tạm trước cửa hàng tại đường {street}, kích thước không quá hai mét vuông
Biển hiệu phải được tháo dỡ khi hết hạn
"""
    )


@pytest.fixture(scope="module")
def base() -> Model:
    model = default_model()
    assert model is not None
    return model


def examples(count: int) -> list[Example]:
    streets = ("Đồng Khởi", "Hùng Vương", "Lê Duẩn", "Phú Riềng Đỏ")
    made = []
    for name, street in zip(NAMES[:count], streets, strict=False):
        made.append(Example.of(reading(permit(name, street)), 1, 1, "BIENHIEU", "Giấy phép đặt biển hiệu tạm"))
    return made


def test_a_unit_adds_a_type_with_three_examples(base: Model) -> None:
    trained = train(examples(3), base)
    assert trained.accepted
    (piece,) = understand(reading(permit("HOÀNG VĂN EM", "Cách Mạng Tháng Tám")), model=trained.model)
    assert (piece.code, piece.name, piece.needs_review) == ("BIENHIEU", "Giấy phép đặt biển hiệu tạm", False)
    assert piece.decided_by in (trained.version, "rules")


def test_two_examples_do_not_make_a_type(base: Model) -> None:
    trained = train(examples(2), base)
    assert "BIENHIEU" not in trained.model.codes
    assert not trained.accepted


def test_what_was_known_stays_known_after_learning(base: Model) -> None:
    trained = train(examples(3), base)
    (piece,) = understand(reading(BIRTH), model=trained.model)
    assert (piece.code, piece.needs_review) == ("KS", False)
    assert trained.report["right_new"] >= trained.report["right_base"]


def test_wrong_labels_make_a_model_that_is_not_accepted(base: Model) -> None:
    wrong = [Example(example.pages, "KS") for example in examples(4)]
    wrong += [Example.of(reading(BIRTH.replace("125/2025", f"{n}/2025")), 1, 1, "HDON") for n in range(4)]
    right = [Example.of(reading(BIRTH.replace("125/2025", f"{n}/2024")), 1, 1, "KS") for n in range(3)]
    assert not train(wrong, base, held_out=right).accepted


def test_training_twice_gives_the_same_bytes(base: Model) -> None:
    assert train(examples(3), base).model_bytes == train(examples(3), base).model_bytes


def test_a_model_file_comes_back_as_it_was(base: Model) -> None:
    again = load_model(base.to_bytes())
    assert again.codes == base.codes
    assert np.allclose(again.weights, base.weights, atol=0.05)
    assert [code for code, _, _ in again.memory] == [code for code, _, _ in base.memory]


def test_the_version_of_the_deciding_model_is_kept_with_the_paper(base: Model) -> None:
    (piece,) = understand(reading(BIRTH), model=base)
    assert piece.decided_by == base.version


class _Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a model file ran code')",))


def test_a_pickle_is_no_model_and_never_runs() -> None:
    out = io.BytesIO()
    np.savez(out, head=np.array([_Evil()], dtype=object))
    for data in (pickle.dumps(_Evil()), out.getvalue(), b"", b"PK\x03\x04 broken"):
        with pytest.raises(BadModel):
            load_model(data)
