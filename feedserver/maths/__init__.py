r"""Text with TeX in it -> Unicode text, or parts that can be had as MathML. Only here is TeX understood.

Upstream's texts are TeX by halves: a title may hold ``S$^2$R``, an abstract ``18\%`` beside ``$16,000``. So nothing
is taken for TeX but what the rules of ``formulas`` and ``words`` admit; whatever is broken or unknown stays as it came,
and no text is ever lost.
"""

from feedserver.maths.formulas import Formula
from feedserver.maths.mathml import mathml
from feedserver.maths.words import Part, parts, unicode

__all__ = ["Formula", "Part", "mathml", "parts", "unicode"]
