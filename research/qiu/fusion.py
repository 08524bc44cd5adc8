"""A report read while looking at the page: does it fit (matching), and which word is missing (masked words)?

The layers stand on top of the text tower, as in ALBEF (Li et al. 2021, arXiv 2107.07651): self-attention over
the words, cross-attention to the image tower's tokens. BLIP, with which Qiu et al. begin, puts the
cross-attention between the text tower's own layers instead.
"""

from torch import Tensor, nn

from research.qiu.settings import RowModel


class FusionEncoder(nn.Module):
    """Words of a report with tokens of an image -> states, a matching score, scores of words.

    Everywhere: states [n, word, text width] of the text tower, mask [n, word], tokens [n, token, image
    width] of the image tower.
    """

    def __init__(self, config: RowModel) -> None:
        super().__init__()
        text = config.text
        self.look = nn.Sequential(nn.LayerNorm(config.image.width), nn.Linear(config.image.width, text.width))
        layer = nn.TransformerDecoderLayer(
            text.width, text.heads, 4 * text.width, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerDecoder(layer, config.fusion_depth, nn.LayerNorm(text.width))
        self.match = nn.Linear(text.width, 1)
        self.word = nn.Linear(text.width, text.vocabulary)

    def forward(self, states: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        """What became of the states, [n, word, text width]."""
        fused: Tensor = self.layers(states, self.look(tokens), tgt_key_padding_mask=mask == 0)
        return fused

    def matching(self, states: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        """Log-odds that report and image belong together, float [n], read off the report's first token."""
        odds: Tensor = self.match(self(states, mask, tokens)[:, 0]).float()
        return odds[:, 0]

    def words(self, states: Tensor, mask: Tensor, tokens: Tensor, places: Tensor) -> Tensor:
        """Scores of the vocabulary, float [place, vocabulary], at the places bool [n, word]."""
        scores: Tensor = self.word(self(states, mask, tokens)[places]).float()
        return scores
