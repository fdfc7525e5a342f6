"""What people of a simulated agenda write to us."""

from __future__ import annotations

YES = ("sim", "Quero sim!", "sim")
TO_A_STEP = (*YES, *YES, "remarcar", "Quem é?", "não quero", "cancelar", "blá blá blá")
TO_OFFERS = (
    "1",
    "2",
    "1",
    "3",
    "sim",
    "outro horário",
    "não posso nesses horários",
    "não quero",
    "cancelar",
    "SAIR",
    "7",
)
TO_THE_AGREED = ("sim", "preciso remarcar", "não posso", "cancelar a reunião", "não quero", "SAIR", "blá blá blá", "2")
MAY_OPT_OUT = ("SAIR", "cancelar", "não quero")
"""Some rules read these as an opt-out, where no meeting is open."""
