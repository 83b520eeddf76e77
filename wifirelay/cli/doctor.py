# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay doctor`"""

import argparse
import time

from wifirelay.change.checkup import read_facts
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import refuse_made_up
from wifirelay.core.doctor.checks import check_up
from wifirelay.core.doctor.finding import Unknown, Verdict
from wifirelay.errors import Refused
from wifirelay.transport.target import Kind
from wifirelay.view.doctor import doctor_lines, doctor_object, worst


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strict", action="store_true", help="exit code 6 when there is a problem (else 0)"
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    opened = context.opened()
    context.doing("looking at the router")
    now = time.time() if opened.target.kind is Kind.SSH else None  # by another clock
    facts = read_facts(opened.transport, context.relay, context.known, now=now)
    if not isinstance(facts.board, Unknown):
        refuse_made_up(facts.board)
    findings = check_up(facts)
    bad = args.strict and worst(findings) is Verdict.PROBLEM
    return Result(
        doctor_object(facts, findings),
        doctor_lines(findings),
        exit_code=Refused.exit_code if bad else 0,
    )
