"""Fields that an org has only if person accounts are switched on. Such records are loaded, with
their contacts; a write does not make one."""
from schema import read_field

FIELDS = {
    "Account": """
IsPersonAccount boolean -
PersonContactId reference N ref=Contact
FirstName string(40) CUN
LastName string(80) CUN
Salutation picklist(40) CUN
PersonEmail email(80) CUN label=Email
PersonMobilePhone phone(40) CUN label=Mobile
PersonHomePhone phone(40) CUN label=Home_Phone
PersonOtherPhone phone(40) CUN label=Other_Phone
PersonTitle string(80) CUN label=Title
PersonBirthdate date CUN label=Birthdate
""",
    "Contact": "IsPersonAccount boolean -",
    "RecordType": "IsPersonType boolean D",
}


def switch_on(schema):
    for name, text in FIELDS.items():
        for line in text.strip().splitlines():
            schema.expect(name).add(read_field(name, line))
