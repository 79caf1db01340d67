"""Entry rules, transit ports and notes (visa data: chinavisacheck.com, CC BY 4.0, modified)."""

from hospitals.models import VisaNote, VisaPort, VisaRule
from hospitals.services.catalogue import checks
from hospitals.services.catalogue.plans import Build

RULE_COLUMNS = """nationality rule max_stay_days valid_until regions entry_ports
    onward_ticket_required medical_purpose_listed conditions source as_of confidence"""
PORT_COLUMNS = """province port_name_en port_name_zh port_type city stay_areas since source as_of
    confidence"""


def plan_entry(build: Build) -> None:
    _plan_rules(build)
    _plan_ports(build)
    notes = build.plan(VisaNote, "topic", prune=True)
    for row in build.rows("visa_notes.csv", "topic summary applies_to source as_of confidence"):
        notes.add(
            row,
            {
                "topic": row.required("topic", checks.slug),
                "summary": row.needed_text("summary"),
                "applies_to": row.text("applies_to"),
                **row.source(),
            },
        )


def _plan_rules(build: Build) -> None:
    rules = build.plan(VisaRule, "nationality", "rule", prune=True)
    for row in build.rows("visa_rules.csv", RULE_COLUMNS):
        rules.add(
            row,
            {
                "nationality": row.required("nationality", checks.country),
                "rule": row.needed_text("rule"),
                "max_stay_days": row.checked("max_stay_days", checks.whole),
                "valid_until": row.checked("valid_until", checks.day),
                "regions": row.text("regions"),
                "entry_ports": row.text("entry_ports"),
                "onward_ticket_required": row.text("onward_ticket_required"),
                "medical_purpose_listed": row.text("medical_purpose_listed"),
                "conditions": row.text("conditions"),
                **row.source(),
            },
        )


def _plan_ports(build: Build) -> None:
    ports = build.plan(VisaPort, "name", prune=True)
    for row in build.rows("visa_ports.csv", PORT_COLUMNS):
        ports.add(
            row,
            {
                "name": row.needed_text("port_name_en"),
                "name_chinese": row.needed_text("port_name_zh"),
                "province": row.needed_text("province"),
                "kind": row.needed_text("port_type"),
                "city": row.text("city"),
                "stay_areas": row.text("stay_areas"),
                "since": row.text("since"),
                **row.source(),
            },
        )
