"""Checksums and number plans behind the personal-data patterns."""

from __future__ import annotations

import ipaddress
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ISSUERS = ("4", "5", "62", "60", "65", "34", "37", "35", "30", "36", "38", "81", "2131", "1800")
_IBAN_TABLE = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 "
    "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 "
    "MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 "
    "SK24 SM27 TN24 TR26 UA29 VG24 XK20 "
)
_IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _IBAN_TABLE.split()}


def luhn(digits: str) -> bool:
    """Luhn check of a string of digits (ISO/IEC 7812-1)."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def bank_card(digits: str) -> bool:
    """Whether 13 to 19 digits are a payment card: known issuer range and Luhn."""
    fits = 13 <= len(digits) <= 19 and len(set(digits)) > 1
    return fits and _issued(digits) and luhn(digits)


def _issued(digits: str) -> bool:
    return digits.startswith(_ISSUERS) or 2221 <= int(digits[:4]) <= 2720


def resident_id(value: str) -> bool:
    """Whether 18 characters are a Chinese resident id: birth date and check (ISO 7064 MOD 11-2)."""
    number = value.upper()
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * w for d, w in zip(number[:17], _ID_WEIGHTS, strict=True))
    return 1900 <= born.year <= 2099 and _ID_CHECKS[total % 11] == number[17]


def iban(value: str) -> bool:
    """Whether letters and digits are an IBAN: country length and MOD 97-10."""
    if _IBAN_LENGTHS.get(value[:2]) != len(value):
        return False
    turned = value[4:] + value[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def iban_length(country: str) -> int:
    """Length of the country's IBAN, 0 when it has none."""
    return _IBAN_LENGTHS.get(country, 0)


def ip_address(value: str) -> bool:
    """Whether the value is an address of a host (the unspecified and loopback ones are nobody)."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback)


def international_phone(value: str) -> bool:
    """Whether a number written with its country code is valid by its country's plan."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)
