"""Message templates in Liquid, by python-liquid behind an allow-list and limits."""

from disparo.adapters.liquid.renderer import LiquidRenderer, LiquidTemplate

__all__ = ["LiquidRenderer", "LiquidTemplate"]
