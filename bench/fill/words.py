"""Made-up words in eight languages: common ones often, rare ones seldom, the same in every run."""

import random
from functools import lru_cache

WORDS = 3000
# Word k is the k-th most common; a square makes the first of them fill some percent of titles.
SKEW = 2


def words_of(text: str) -> list[str]:
    return text.split()


SYLLABLES = {
    "en": words_of("ba co da fe go hi ju ka lo mi ne po ra se tu vi"),
    "ru": words_of("ба ко да фе го хи жу ка ло ми не по ра се ту ви"),
    "id": words_of("ban kan dar men ger bur ing tan lam pa nya sek rim tal wo dis"),
    "vi": words_of("bao chan danh giang hoai khoa lan minh nga phong quy sau tham uyen vinh xuan"),
    "mn": words_of("бат хан дар мөн гэр бор үнэ тал лам хүү ням сэр тол вэ дөр зул"),
    "ar": words_of("با كو دا في جو هي زو كا لو مي ني رو سا تو طي فا"),
    "fr": words_of("bon cour dan fes gal hier jou que loin mar neu pont rue ser tour vif"),
}
HAN = "安白北长春大东方飞风光国海河红华黄江金京开兰立林龙马明南宁平清山上石水松天田文西香星阳云中竹"


@lru_cache(maxsize=8)
def vocabulary(language: str) -> list[str]:
    """Return the words of one language; the same place means the same notion in all of them."""
    if language == "zh-hans":
        size = len(HAN)
        return [
            HAN[k % size] + HAN[k // size % size] + HAN[(k * 7 + k // size) % size]
            for k in range(WORDS)
        ]
    parts = SYLLABLES[language]
    return [
        "".join(parts[k // 16**place % 16] for place in range(3)) + parts[k * 5 % 16]
        for k in range(WORDS)
    ]


def common_word(chance: random.Random) -> int:
    """Return the place of a word, common ones more often."""
    return int(WORDS * chance.random() ** SKEW)


def title(places: list[int], language: str) -> str:
    words = vocabulary(language)
    return " ".join(words[place] for place in places)
