from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from disparo.domain.errors import InputError
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.settings import LoadedSettings, Settings, load_settings, profile_settings

# The source document's example, "Criar arquivo de variáveis".
DOCUMENT_TFVARS = """\
environment = "dev"

# Rate Limiting
rate_limit_whatsapp_hourly = 100
rate_limit_email_hourly = 500
rate_limit_sms_hourly = 50

# Timeouts
lambda_timeout_api = 30
lambda_timeout_send = 180
lambda_timeout_schedule = 300

# Resources
lambda_memory_api = 512
lambda_memory_send = 1024
lambda_memory_schedule = 512

# Business Hours
business_hours_start = 8
business_hours_end = 18
business_hours_timezone = "America/Sao_Paulo"
"""


def load(tmp_path: Path, *, toml: str = "", tfvars: str = "", **environ: str) -> LoadedSettings:
    if toml:
        (tmp_path / "disparo.toml").write_text(toml, encoding="utf-8")
    if tfvars:
        (tmp_path / "terraform.tfvars").write_text(tfvars, encoding="utf-8")
        environ["DISPARO_TFVARS"] = "terraform.tfvars"
    return load_settings(environ=environ, cwd=tmp_path)


def refusal(tmp_path: Path, *, toml: str = "", tfvars: str = "", **environ: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(tmp_path, toml=toml, tfvars=tfvars, **environ)
    return str(caught.value).splitlines()


def places(loaded: LoadedSettings) -> Mapping[str, str]:
    return {name: str(source) for name, source in loaded.sources.items()}


def test_without_any_source_the_dev_profile_holds(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.settings == Settings(data=tmp_path / "disparo-data")
    assert set(loaded.sources) == set(Settings.model_fields)
    assert places(loaded)["rate_limit_sms_hourly"] == "perfil dev"
    assert places(loaded)["max_retries"] == "padrão"
    assert places(loaded)["visibility_timeout_seconds"] == "calculado de lambda_timeout_send"


def test_every_source_overrules_the_ones_below_it(tmp_path: Path) -> None:
    (tmp_path / "t.tfvars").write_text("max_retries = 1\nsend_concurrency = 1\njitter = true\nlease_s = 71\n")
    (tmp_path / "d.toml").write_text("max_retries = 2\nsend_concurrency = 2\njitter = false\n")
    loaded = load_settings(
        config=Path("d.toml"),
        tfvars=Path("t.tfvars"),
        overrides={"max_retries": 4, "live": None},
        environ={"DISPARO_MAX_RETRIES": "3", "DISPARO_SEND_CONCURRENCY": "3", "HOME": "/"},
        cwd=tmp_path,
    )
    values = loaded.settings
    assert (values.max_retries, values.send_concurrency, values.jitter, values.lease_s) == (4, 3, False, 71)
    found = places(loaded)
    assert found["max_retries"] == "linha de comando"
    assert found["send_concurrency"] == "env DISPARO_SEND_CONCURRENCY"
    assert found["jitter"] == "d.toml:3"
    assert found["lease_s"] == "t.tfvars:4"
    assert found["live"] == "padrão"


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_any_source_may_choose_the_profile(tmp_path: Path, environment: str) -> None:
    loaded = load(tmp_path, tfvars=f'environment = "{environment}"\n')
    limit = {"dev": 100, "prod": 1000}[environment]
    assert loaded.settings.rate_limit_whatsapp_hourly == limit
    assert places(loaded)["rate_limit_whatsapp_hourly"] == f"perfil {environment}"
    other = load(tmp_path, DISPARO_ENVIRONMENT="prod", DISPARO_RATE_LIMIT_SMS_BURST="7").settings
    assert (other.rate_limit_sms_burst, other.rate_limit_sms_hourly) == (7, 500)


def test_the_documents_tfvars_load_as_they_stand(tmp_path: Path) -> None:
    loaded = load(tmp_path, tfvars=DOCUMENT_TFVARS)
    assert loaded.settings == Settings(data=tmp_path / "disparo-data")
    assert places(loaded)["rate_limit_whatsapp_hourly"] == "terraform.tfvars:4"
    assert loaded.settings.hours_document()["startTime"] == "08:00"
    assert not loaded.ignored


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_example_tfvars_say_what_the_profile_says(tmp_path: Path, environment: str) -> None:
    example = Path(__file__).parents[3] / "examples" / f"terraform.{environment}.tfvars"
    loaded = load_settings(tfvars=example, environ={}, cwd=tmp_path)
    profile = profile_settings(environment)
    assert loaded.settings == profile.model_copy(update={"data": tmp_path / "disparo-data"})
    assert not loaded.ignored


def test_hours_of_the_tfvars_combine_into_the_document(tmp_path: Path) -> None:
    tfvars = 'business_hours_start = 9\nbusiness_hours_end = 17\nbusiness_hours_timezone = "America/Manaus"\n'
    document = load(tmp_path, tfvars=tfvars).settings.hours_document()
    assert (document["startTime"], document["endTime"]) == ("09:00", "17:00")
    assert document["timezone"] == "America/Manaus"
    assert document["lunchBreak"] == {"start": "12:00", "end": "13:00"}


def test_null_in_tfvars_means_not_set(tmp_path: Path) -> None:
    loaded = load(tmp_path, tfvars="rate_limit_sms_hourly = null\n")
    assert loaded.settings.rate_limit_sms_hourly == 50
    assert places(loaded)["rate_limit_sms_hourly"] == "perfil dev"


def test_variables_of_terraform_itself_are_listed_and_ignored(tmp_path: Path) -> None:
    tfvars = 'owner_team = "sa-east-1"\nreserved_concurrent_executions_api = 2\ntags = { a = "b" }\n'
    loaded = load(tmp_path, tfvars=tfvars)
    found = {name: str(source) for name, source in loaded.ignored.items()}
    assert found == {
        "owner_team": "terraform.tfvars:1",
        "reserved_concurrent_executions_api": "terraform.tfvars:2",
        "tags": "terraform.tfvars:3",
    }


def test_a_slip_of_the_pen_in_tfvars_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, tfvars="\nrate_limit_sms_hourli = 1\n") == [
        "terraform.tfvars:2: rate_limit_sms_hourli não é uma configuração; seria rate_limit_sms_hourly?"
    ]


def test_unknown_names_are_refused_with_the_closest_one(tmp_path: Path) -> None:
    lines = refusal(tmp_path, toml="max_retry = 3\n", DISPARO_LIVES="1", DISPARO_ZZZZ="1")
    assert lines == [
        "disparo.toml:1: max_retry não é uma configuração; seria max_retries?",
        "env DISPARO_LIVES: DISPARO_LIVES não é uma configuração; seria DISPARO_LIVE?",
        "env DISPARO_ZZZZ: DISPARO_ZZZZ não é uma configuração; retire, ou veja os nomes em docs/settings.md",
    ]


def test_variables_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    loaded = load(tmp_path, DISPARO_SEEDS="200", DISPARO_CONTRACTS="/x", DISPARO_LIVE="", PATH="/bin")
    assert loaded.settings.live is False


@pytest.mark.parametrize("value", ["0", "-3"])
def test_a_limit_that_would_never_send_is_refused_by_name(tmp_path: Path, value: str) -> None:
    assert refusal(tmp_path, tfvars=f"rate_limit_sms_hourly = {value}\nrate_limit_sms_daily = {value}\n") == [
        f"terraform.tfvars:1: rate_limit_sms_hourly = {value}: assim nada seria enviado; "
        'escreva "none" para não ter limite, ou escreva 1 ou mais',
        f"terraform.tfvars:2: rate_limit_sms_daily = {value}: assim nada seria enviado; "
        "deixe de fora para não ter limite, ou escreva 1 ou mais",
    ]


def test_none_takes_away_a_limit_of_the_profile(tmp_path: Path) -> None:
    assert load(tmp_path, DISPARO_RATE_LIMIT_EMAIL_HOURLY="none").settings.rate_limit_email_hourly is None


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("RATE_LIMIT_EMAIL_HOURLY", "1.000", "escreva um número inteiro"),
        ("RATE_LIMIT_EMAIL_HOURLY", "1e3", "escreva um número inteiro"),
        ("MAX_RETRIES", "três", "escreva um número inteiro"),
        ("BACKOFF_STRATEGY", "random", "valor desconhecido; escreva 'exponential' ou 'linear'"),
        ("ENVIRONMENT", "staging", "valor desconhecido; escreva 'dev' ou 'prod'"),
        (
            "DYNAMODB_BILLING_MODE",
            "FREE",
            "valor desconhecido; escreva 'ON_DEMAND', 'PAY_PER_REQUEST' ou 'PROVISIONED'",
        ),
        ("LIVE", "talvez", "escreva true ou false"),
        ("SANDBOX_READ_RATE", "1.5", "é grande demais; escreva no máximo 1"),
        ("SANDBOX_READ_RATE", "nan", "escreva um número finito"),
        ("SANDBOX_READ_RATE", "0,5", "escreva um número como 0.5, com ponto"),
        ("SEND_TIMEOUT_S", "0", "é pequeno demais; escreva mais que 0"),
        ("BUSINESS_HOURS_START", "25", "escreva uma hora como 8"),
        ("BUSINESS_HOURS_TIMEZONE", "America/Sao_Paolo", "fuso desconhecido"),
        ("BUSINESS_HOURS_TIMEZONE", "America", "fuso desconhecido"),
        ("DEFAULT_REGION", "Brasil", "escreva um país com duas letras"),
        ("BUSINESS_HOURS", "nowhere.json", "não é um JSON entre chaves nem um arquivo"),
    ],
)
def test_a_wrong_value_names_source_key_value_and_what_to_do(
    tmp_path: Path, name: str, value: str, advice: str
) -> None:
    lines = refusal(tmp_path, **{f"DISPARO_{name}": value})
    assert len(lines) == 1
    assert lines[0].startswith(f"env DISPARO_{name}: {name.lower()} = {value!r}: {advice}")


def test_bounds_are_told(tmp_path: Path) -> None:
    assert refusal(tmp_path, toml="max_retries = -1\nmessage_retention_seconds = 1209601\n") == [
        "disparo.toml:1: max_retries = -1: é pequeno demais; escreva 0 ou mais",
        "disparo.toml:2: message_retention_seconds = 1209601: é grande demais; escreva no máximo 1209600",
    ]


def test_a_truth_value_is_no_number(tmp_path: Path) -> None:
    lines = refusal(tmp_path, toml="max_retries = true\nlease_s = true\n")
    assert [line.split(": escreva")[0] for line in lines] == [
        "disparo.toml:1: max_retries = True",
        "disparo.toml:2: lease_s = True",
    ]


def test_all_faults_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    lines = refusal(
        tmp_path,
        tfvars='lambda_timeout_send = "x"\n',
        toml='livve = true\nbusiness_hours = "none.json"\n',
        DISPARO_MAX_RETRIES="many",
    )
    assert len(lines) == 4
    assert {line.split(": ")[0] for line in lines} == {
        "terraform.tfvars:1",
        "disparo.toml:1",
        "disparo.toml:2",
        "env DISPARO_MAX_RETRIES",
    }


def test_values_that_cannot_hold_together_are_refused_at_their_source(tmp_path: Path) -> None:
    lines = refusal(tmp_path, toml="lease_s = 35\nautoscaling_read_min = 101\n")
    assert lines == [
        "disparo.toml:1: lease_s = 35.0: tem de ser mais que send_timeout_s + 5 = 35, ou a reserva acabaria "
        "durante o envio; aumente lease_s ou diminua send_timeout_s",
        "disparo.toml:2: autoscaling_read_min = 101: não pode ser mais que autoscaling_read_max = 100; "
        "diminua este ou aumente o outro",
    ]
    assert load(tmp_path, toml="lease_s = 35.5\n").settings.lease_s == 35.5


def test_a_day_does_not_begin_at_its_end(tmp_path: Path) -> None:
    lines = refusal(tmp_path, toml="business_hours_start = 24\n")
    assert lines == ["disparo.toml:1: business_hours_start = '24:00': é o fim do dia; escreva de 0 a 23"]


@pytest.mark.parametrize("start", ["8", '"8"', '"08:00"', '"8:00"'])
def test_a_day_that_never_opens_is_refused(tmp_path: Path, start: str) -> None:
    lines = refusal(tmp_path, toml=f"business_hours_start = {start}\nbusiness_hours_end = 8\n")
    assert lines == [
        "disparo.toml:1: business_hours_start = '08:00': é igual a business_hours_end, "
        "e o dia nunca abriria; mude um dos dois"
    ]


def test_the_visibility_follows_the_send_timeout(tmp_path: Path) -> None:
    assert load(tmp_path).settings.visibility_timeout_seconds == 1080
    assert load(tmp_path, DISPARO_ENVIRONMENT="prod").settings.visibility_timeout_seconds == 1800
    assert load(tmp_path, DISPARO_LAMBDA_TIMEOUT_SEND="100").settings.visibility_timeout_seconds == 600
    explicit = load(tmp_path, DISPARO_VISIBILITY_TIMEOUT_SECONDS="1800")
    assert explicit.settings.visibility_timeout_seconds == 1800
    assert places(explicit)["visibility_timeout_seconds"] == "env DISPARO_VISIBILITY_TIMEOUT_SECONDS"


HOURS = {"timezone": "America/Recife", "workingDays": [1, 2], "startTime": "07:30", "endTime": "11:00"}


def test_hours_may_be_json_in_the_environment(tmp_path: Path) -> None:
    loaded = load(tmp_path, DISPARO_BUSINESS_HOURS=json.dumps(HOURS))
    assert loaded.settings.hours_document() == HOURS


def test_hours_may_be_a_file_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hours.json").write_text(json.dumps(HOURS), encoding="utf-8-sig")
    (tmp_path / "etc" / "d.toml").write_text('business_hours = "hours.json"\ndata = "d"\n')
    loaded = load_settings(config=Path("etc/d.toml"), environ={}, cwd=tmp_path)
    assert loaded.settings.hours_document() == HOURS
    assert loaded.settings.data == tmp_path / "etc" / "d"


def test_hours_may_be_a_table_with_dates_of_toml(tmp_path: Path) -> None:
    loaded = load(tmp_path, toml="[business_hours]\nstartTime = 07:30:00\nholidays = [2027-05-01]\n")
    assert loaded.settings.hours_document() == {"startTime": "07:30", "holidays": ["2027-05-01"]}
    assert places(loaded)["business_hours"] == "disparo.toml:1"


def test_hours_that_are_no_json_are_refused_with_their_place(tmp_path: Path) -> None:
    assert refusal(tmp_path, toml="business_hours = '{\"startTime\": }'\n")[0].startswith(
        "disparo.toml:1: business_hours: não é JSON; confira a linha 1, coluna 15"
    )
    (tmp_path / "h.json").write_text("[1]", encoding="utf-8")
    assert refusal(tmp_path, toml='business_hours = "h.json"\n') == [
        "disparo.toml:1: business_hours = [1]: escreva um objeto com os horários, "
        "aqui mesmo ou num arquivo JSON cujo caminho esteja aqui"
    ]


def test_hours_that_the_domain_refuses_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "h.json").write_text('{"endTime": "7h"}', encoding="utf-8")
    lines = refusal(tmp_path, toml='business_hours = "h.json"\n')
    assert len(lines) == 1
    assert lines[0].startswith(f'{tmp_path / "h.json"} (disparo.toml:1): business_hours: endTime = "7h": ')


@pytest.mark.parametrize("part", [0, 23, "23:59"])
def test_hours_made_of_parts_are_taken_by_the_domain(tmp_path: Path, part: int | str) -> None:
    for end in (6, "12:30", 13, 18, 24):
        overrides = {"business_hours_start": part, "business_hours_end": end}
        loaded = load_settings(overrides=overrides, environ={}, cwd=tmp_path)
        parse_business_hours(loaded.settings.hours_document())


def test_a_part_of_the_hours_that_would_be_lost_is_refused(tmp_path: Path) -> None:
    (tmp_path / "h.json").write_text(json.dumps(HOURS), encoding="utf-8")
    lines = refusal(tmp_path, toml='business_hours = "h.json"\n', DISPARO_BUSINESS_HOURS_START="9")
    assert lines == [
        "env DISPARO_BUSINESS_HOURS_START: business_hours_start = '9': sem efeito ao lado de business_hours "
        "(disparo.toml:1); mude lá, ou deixe só um dos dois"
    ]


def test_hours_said_later_replace_the_parts_said_before(tmp_path: Path) -> None:
    loaded = load(tmp_path, tfvars=DOCUMENT_TFVARS, DISPARO_BUSINESS_HOURS=json.dumps(HOURS))
    assert loaded.settings.hours_document() == HOURS


def test_a_list_in_the_environment_has_commas(tmp_path: Path) -> None:
    loaded = load(tmp_path, DISPARO_REPLICA_REGIONS="us-west-2, eu-west-1")
    assert loaded.settings.replica_regions == ("us-west-2", "eu-west-1")


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (b"max_retries 3", "disparo.toml: não é TOML; confira a sintaxe ("),
        (b"max_retries = 3\nmax_retries = 4\n", "disparo.toml: não é TOML; confira a sintaxe ("),
        (b"a" * 5000 + b"=" + b"[" * 5000, "disparo.toml: não é TOML; confira a sintaxe ("),
        ("# olá".encode("utf-16"), "disparo.toml: não é texto em UTF-8; salve o arquivo"),
        (b"max_retries = 3\n\0", "disparo.toml: contém um byte nulo"),
    ],
)
def test_a_config_that_is_no_toml_is_refused(tmp_path: Path, content: bytes, start: str) -> None:
    (tmp_path / "disparo.toml").write_bytes(content)
    lines = refusal(tmp_path)
    assert len(lines) == 1
    assert lines[0].startswith(start)


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (
            "max_retries = 1\nmax_retries = 2\n",
            "terraform.tfvars:2: não é um arquivo tfvars; confira a sintaxe (Attribute redefined",
        ),
        ("max_retries = var.x\n", "terraform.tfvars:1: não é um arquivo tfvars; confira a sintaxe (Variables not"),
        ('resource "x" "y" {\n}\n', "terraform.tfvars:1: não é um arquivo tfvars; "),
        ("max_retries = 1 + 2\n", "terraform.tfvars:1: max_retries = '1 + 2': escreva um número inteiro"),
        ("a = " + "[" * 20_000 + "]" * 20_000, "terraform.tfvars: não é um arquivo tfvars; "),
        ("\0max_retries = 9\n", "terraform.tfvars: contém um byte nulo"),
    ],
)
def test_a_tfvars_file_that_terraform_would_refuse_is_refused(tmp_path: Path, content: str, start: str) -> None:
    lines = refusal(tmp_path, tfvars=content)
    assert len(lines) == 1
    assert lines[0].startswith(start)


@pytest.mark.parametrize("variable", ["DISPARO_CONFIG", "DISPARO_TFVARS"])
def test_a_named_file_that_is_not_there_is_refused(tmp_path: Path, variable: str) -> None:
    assert refusal(tmp_path, **{variable: "nope"}) == ["nope: não existe; confira o nome e a pasta"]


def test_the_tfvars_parser_is_loaded_only_when_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygohcl", None)
    assert load(tmp_path).settings.max_retries == 3
    with pytest.raises(ImportError):
        load(tmp_path, tfvars="max_retries = 3\n")


def test_a_file_with_a_byte_order_mark_loads(tmp_path: Path) -> None:
    (tmp_path / "disparo.toml").write_text("max_retries = 5\n", encoding="utf-8-sig")
    assert load(tmp_path).settings.max_retries == 5


def test_nothing_is_created_by_loading(tmp_path: Path) -> None:
    load(tmp_path)
    assert list(tmp_path.iterdir()) == []
