"""Makes contatos.csv: a list such as sales teams have it, with everything that people do to spreadsheets.

Nobody in it is meant: names, documents and numbers are drawn from a seed. Documents have right check digits,
e-mails lie in the domains that RFC 2606 reserves, numbers are possible ones of their area code (Brazil has
none reserved for fiction: never send to this list for real). `python examples/make_contacts.py` writes it.
"""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from validate_docbr import CNPJ, CPF

SEED = 20_261_122
PEOPLE, COMPANIES, DUPLICATES = 390, 200, 22
HEADER = ("Nome", "Contato", "CNPJ/CPF", "Email", "Telefone")

_Item = TypeVar("_Item")
Row = tuple[str, ...]


def _words(text: str) -> list[str]:
    return text.split()


def _names(text: str) -> list[str]:
    return text.replace("\n", "").split("|")


# Area codes by how often they are drawn: every state, and so every zone that an area code can tell.
_AREA_CODES = _words("""
11 11 11 11 11 11 11 12 13 14 15 16 17 18 19 19 21 21 21 21 22 24 27 28 31 31 31 32 33 34 35 37 38
41 41 41 41 41 42 43 44 45 46 47 47 48 48 49 51 51 51 53 54 55 61 61 62 62 63 64 65 65 66 67 67 68 68
69 69 71 71 71 73 74 75 77 79 81 81 81 82 83 84 85 85 86 87 88 89 91 91 92 92 92 93 94 95 96 97 98 99
""")
_FIRST_NAMES = _words("""
Adriana Alice Aline Amanda Ana André Antônio Beatriz Bernardo Bruna Bruno Caio Camila Carla Carlos
Cauê César Clarice Cláudia Cristiane Daniel Davi Débora Diego Eduardo Elaine Eliane Elisa Érica
Fábio Felipe Fernanda Flávia Francisco Gabriel Gilberto Giovana Guilherme Gustavo Helena Heloísa
Henrique Iara Igor Inês Isabela Jéssica Joana João Joaquim Jorge José Juliana Júlio Karina Larissa
Letícia Lívia Lorena Luana Lucas Lúcia Luís Luíza Marcelo Márcia Márcio Marcos Maria Mariana Mateus
Maurício Mônica Murilo Natália Nelson Otávio Patrícia Paula Paulo Pedro Priscila Rafael Raimundo
Raquel Regina Renata Ricardo Rita Roberto Rodrigo Rosângela Sandra Sérgio Sílvia Simone Sônia Tainá
Tatiana Thiago Úrsula Valéria Vanessa Vera Vicente Vinícius Vitória Wagner Wesley Yasmin
""")
_SURNAMES = _words("""
Abreu Albuquerque Almeida Alves Amaral Andrade Araújo Azevedo Barbosa Barros Batista Bezerra Borges
Braga Brito Campos Cardoso Carvalho Castro Cavalcanti Coelho Correia Costa Cunha Dias Duarte Farias
Fernandes Ferreira Figueiredo Fonseca Freitas Garcia Gomes Gonçalves Guimarães Leal Leite Lima Lopes
Macedo Machado Marques Martins Medeiros Melo Mendes Miranda Monteiro Moraes Moreira Moura Nascimento
Nogueira Nunes Oliveira Pacheco Paiva Peixoto Pereira Pinheiro Pinto Queiroz Ramos Rezende Ribeiro
Rocha Rodrigues Sales Sampaio Santana Santos Silva Siqueira Soares Souza Tavares Teixeira Teles
Vasconcelos Vaz Viana Vieira Xavier
""")
_TRADES = _names("""
Padaria|Mercado|Farmácia|Auto Center|Clínica|Academia|Pousada|Restaurante|Transportadora|
Marcenaria|Papelaria|Pet Shop|Escola|Construtora|Confecções|Laticínios|Gráfica|Distribuidora|
Oficina|Floricultura|Ótica|Imobiliária|Serralheria
""")
_COMPANY_NAMES = _names("""
Estrela do Sul|Bela Vista|Ipê Amarelo|Três Irmãos|Rio Claro|Nova Era|Boa Esperança|Serra Azul|
Vale Verde|São Jorge|Santa Rita|Bom Jesus|Ponto Certo|Aliança|Progresso|Horizonte|Pôr do Sol|
Mandacaru|Pantanal|Igarapé|Araucária|Jatobá|Sabiá|Maré Alta|Pedra Branca|Águas Claras|Monte Alto|
União|Primavera|Central
""")
_LINKED = {"Silva": "da", "Santos": "dos", "Souza": "de", "Costa": "da", "Nascimento": "do", "Oliveira": "de"}
_LEGAL_FORMS = ("Ltda", "Ltda.", "ME", "EIRELI", "S.A.", "& Cia Ltda", "")
_RESERVED_DOMAINS = ("example.com", "example.org", "example.net")  # RFC 2606, section 3
_DESKS = ("contato", "financeiro", "compras", "comercial", "adm")


class ContactMaker:
    """Draws rows; only `random()` is used, the one method whose sequence Python keeps for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._taken: set[str] = set()
        self.mobiles: dict[Row, str] = {}

    def below(self, limit: int) -> int:
        return int(self._random.random() * limit)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, items: Sequence[_Item]) -> _Item:
        return items[self.below(len(items))]

    def digits(self, count: int) -> str:
        return "".join(str(self.below(10)) for _ in range(count))

    def shuffled(self, items: Sequence[_Item]) -> list[_Item]:
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in items]

    def person_name(self) -> str:
        last = self.pick(_SURNAMES)
        words = [self.pick(_FIRST_NAMES), *([self.pick(_SURNAMES)] if self.chance(55) else []), last]
        if last in _LINKED and self.chance(70):
            words.insert(-1, _LINKED[last])
        name = " ".join(words)
        return self.pick((name.upper(), name.lower(), f"Dra. {name}", f" {name} ")) if self.chance(14) else name

    def company_name(self) -> str:
        return f"{self.pick(_TRADES)} {self.pick(_COMPANY_NAMES)} {self.pick(_LEGAL_FORMS)}".strip()

    def cpf(self) -> str:
        text: str = _completed(CPF(), self.digits(9))
        return self._punctuated(text, CPF().mask)

    def cnpj(self) -> str:
        text: str = _completed(CNPJ(), self.digits(8) + "0001")
        return self._punctuated(text, CNPJ().mask)

    def _punctuated(self, text: str, mask: Callable[[str], str]) -> str:
        return mask(text) if self.chance(75) else text

    def mobile(self) -> str:
        """A mobile number of eleven digits that no other row has."""
        return self._unique(lambda: f"{self.pick(_AREA_CODES)}9{6 + self.below(4)}{self.digits(7)}")

    def landline(self) -> str:
        front = f"{2 + self.below(3)}{1 + self.below(9)}"
        return self._unique(lambda: f"{self.pick(_AREA_CODES)}{front}{self.digits(6)}")

    def _unique(self, draw: Callable[[], str]) -> str:
        while (number := draw()) in self._taken:
            pass
        self._taken.add(number)
        return number

    def written(self, number: str) -> str:
        """A national number as people write it; a mobile now and then without its ninth digit."""
        if len(number) == 11 and self.chance(10):
            number = _legacy(number)
        area, front, back = number[:2], number[2:-4], number[-4:]
        usual = (f"({area}) {front}-{back}", f"{area} {front}-{back}", f"+55 {area} {front}-{back}")
        rare = (
            area + front + back,
            f"+55{area}{front}{back}",
            f"55{area}{front}{back}",
            f"0{area} {front}-{back}",
            f"({area}){front}{back}",
            f"{area}.{front}.{back}",
            f"+55 ({area}) {front[0]} {front[1:]}-{back}" if len(front) == 5 else f"0xx{area} {front}-{back}",
            f"55{area}{front}{back}.0",
        )
        return self.pick(usual if self.chance(70) else rare)

    def email(self, name: str) -> str:
        words = [word for word in _ascii(name).split() if word.isalpha()]
        first, last = words[0], words[-1]
        local = self.pick((f"{first}.{last}", first + last[0], f"{first}_{last}"))
        address = f"{local}{self.below(990) + 10}@{self.pick(_RESERVED_DOMAINS)}"
        return address.upper() if self.chance(4) else address

    def company_email(self, company: str) -> str:
        domain = "-".join(
            word for word in _ascii(company.removesuffix("Ltda")).split()[:3] if len(word) > 2 and word.isalpha()
        )
        return f"{self.pick(_DESKS)}{self.below(90) + 10}@{domain}.{self.pick(_RESERVED_DOMAINS)}"

    def person(self) -> Row:
        name = self.person_name()
        number, email = self.mobile(), self.email(name)
        phone = self.written(number)
        if self.chance(6):
            phone += self.pick((" | ", ";", " / ", ", ")) + self.written(self.landline())
        if self.chance(4):
            email += self.pick(("; ", "|")) + self.email(name)
        missing = self.below(100)
        document = self.cpf() if self.chance(85) else ""
        row = (name, "", document, "" if missing < 12 else email, "" if missing >= 92 else phone)
        if row[4]:
            self.mobiles[row] = number
        return row

    def company(self) -> Row:
        company, contact = self.company_name(), self.person_name().strip()
        email = self.company_email(company)
        phone = self.written(self.mobile() if self.chance(55) else self.landline())
        if self.chance(15):
            phone = f"{self.written(self.mobile())} | {phone}"
        missing = self.below(100)
        return company, contact, self.cnpj(), "" if missing < 8 else email, "" if missing >= 94 else phone

    def again(self, row: Row) -> Row:
        """The same person typed once more: the same number with or without the ninth digit."""
        number = self.mobiles[row]
        if self.chance(60):
            number = _legacy(number)
        return row[0].strip().title(), row[1], "", "", f"({number[:2]}) {number[2:-4]}-{number[-4:]}"

    def wrong(self) -> Iterator[Row]:
        """Rows that nobody can use, some of each kind that real files have."""
        for phone in ("", "", "", "não tem", "a confirmar", "ver com a Marta", "---"):
            yield self.person_name(), "", self.cpf(), "", phone
        for area in ("20", "23", "29", "52", "60"):  # no such area codes
            yield (
                self.person_name(),
                "",
                self.cpf(),
                "",
                f"({area}) 9{8000 + self.below(1999)}-{self.digits(4)}",
            )
        for phone in ("98123-4567", "1234", "(11) 11111-1111", "5.51199E+12"):
            yield self.person_name(), "", "", "", phone
        for email in (
            "ana.souza@",
            "@example.com",
            "joao silva@example.com",
            "luiza.example.com",
            "a@example..org",
        ):
            yield self.person_name(), "", "", email, ""
        link = '=HYPERLINK("http://example.com";"Promoção")'
        yield link, "", "", self.email("Rita Lopes"), self.written(self.mobile())
        yield "=1+1", "", "", "", self.written(self.mobile())
        yield (self.person_name(),)
        yield self.person_name(), "", self.cpf()
        yield self.person_name(), "", "", "", self.written(self.mobile()), "ligar depois das 14h"


def make_contacts(seed: int = SEED) -> str:
    """The text of contatos.csv: UTF-8, commas, one header line; the same seed gives the same text."""
    make = ContactMaker(seed)
    people = [make.person() for _ in range(PEOPLE)]
    companies = [make.company() for _ in range(COMPANIES)]
    duplicates = [make.again(row) for row in list(make.mobiles)[:DUPLICATES]]
    wrong_documents = [(name, "", "111.222.333-44", *rest) for name, _, _, *rest in people[-5:]]
    originals = make.shuffled([*people[:-5], *wrong_documents, *companies])
    later = make.shuffled([*originals[60:], *duplicates, *make.wrong()])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *originals[:60], *later])
    return text.getvalue()


def _legacy(mobile: str) -> str:
    """The number as it was before the ninth digit."""
    return mobile[:2] + mobile[3:]


def _completed(rule: CPF | CNPJ, front: str) -> str:
    """The front with the two check digits that the rule wants."""
    return next(text for text in (f"{front}{check:02}" for check in range(100)) if rule.validate(text))


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.strip().lower())
    return plain.encode("ascii", "ignore").decode()


if __name__ == "__main__":
    Path(__file__).with_name("contatos.csv").write_text(make_contacts(), encoding="utf-8", newline="\n")
