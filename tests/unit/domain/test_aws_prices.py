from __future__ import annotations

from pathlib import Path

from disparo.domain.aws_prices import PRICES, Region, price_table


def test_a_price_is_of_so_many_units_in_one_region() -> None:
    assert PRICES["dynamodb_writes"].of(Region.US_EAST_1, 2_000_000) == 1.25
    assert PRICES["log_ingestion"].of(Region.SA_EAST_1, 10) == 9.0


def test_every_price_has_its_page_and_costs_something_in_both_regions() -> None:
    for name, price in PRICES.items():
        assert price.page.startswith("https://aws.amazon.com/"), name
        assert min(price.us_east_1, price.sa_east_1) > 0, name


def test_the_table_stars_what_was_not_found_in_a_price_list() -> None:
    lines = {line.split("|")[1].strip(): line for line in price_table().splitlines()}
    assert "| 0.5 | 0.9 |" in lines["`log_ingestion`"]
    assert r"| 1 | 1.59 \* |" in lines["`http_api_requests`"]
    assert r"| 0.0000133334 | 0.0000133334 \* |" in lines["`lambda_gb_s_arm64`"]


def test_the_page_shows_this_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "cost.md"
    assert price_table() in page.read_text(encoding="utf-8")
