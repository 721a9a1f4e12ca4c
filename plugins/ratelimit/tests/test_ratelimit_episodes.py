from parachute_ratelimit.episodes import Episodes

MINUTE = 60.0


def test_an_episode_is_told_once_and_begins_anew_after_an_admitted_message() -> None:
    episodes = Episodes(MINUTE)
    assert [episodes.begins("chat", now) for now in (1.0, 2.0, 40.0)] == [True, False, False]
    episodes.ended("chat", 60.0)
    assert [episodes.begins("chat", now) for now in (61.0, 62.0)] == [True, False]


def test_chats_have_episodes_of_their_own() -> None:
    episodes = Episodes(MINUTE)
    assert episodes.begins("a", 1.0)
    assert episodes.begins("b", 1.0)
    episodes.ended("b", 2.0)
    assert not episodes.begins("a", 3.0)


def test_what_nobody_can_ask_about_any_more_is_forgotten() -> None:
    episodes = Episodes(MINUTE)
    for number in range(1000):
        episodes.begins(number, number / 100)
    assert len(episodes) == 1000
    for number in range(501):
        episodes.ended("somebody", 100.0 + number)
    assert len(episodes) == 0


def test_an_endless_crowd_of_refused_chats_stays_bounded() -> None:
    episodes = Episodes(MINUTE)
    most = 0
    for second in range(2000):
        episodes.begins(second, float(second))
        most = max(most, len(episodes))
    assert most <= MINUTE + 2
