from nlu.types import Language


def language_of(text: str, language: Language | None) -> Language:
    return language or "zh"


def speakable(text: str, language: Language) -> str:
    return text
