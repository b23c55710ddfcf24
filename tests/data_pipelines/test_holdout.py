from data_pipelines.holdout import held_out

NAMES = [f"folder/{number}.jpg" for number in range(2000)]


def test_about_a_tenth_is_held_out():
    assert 160 <= len(held_out(NAMES)) <= 240


def test_no_picture_changes_sides_when_others_are_added_or_removed():
    assert held_out(NAMES[:500]) == held_out(NAMES) & set(NAMES[:500])


def test_the_same_on_every_machine():
    assert held_out(NAMES[:30]) == {"folder/12.jpg"}


def test_a_small_set_holds_out_one_whatever_its_order():
    assert len(held_out(NAMES[:3])) == 1
    assert held_out(NAMES[:3]) == held_out(NAMES[2::-1])


def test_nothing_is_held_out_of_nothing():
    assert held_out([]) == frozenset()


def test_names_that_are_no_utf8():
    assert held_out(["\udcff.jpg"]) == {"\udcff.jpg"}
