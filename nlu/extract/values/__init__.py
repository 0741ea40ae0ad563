"""What a span of text is worth: money, dates and times, phones, e-mails, order numbers.

Two uses: `ValueExtractor` finds such spans for the entity types that a bot declares, and
`Values.apply` gives the spans that others found (the encoder, a regex) their normal value.
"""

from nlu.extract.values.extractor import ValueExtractor, Values

__all__ = ["ValueExtractor", "Values"]
