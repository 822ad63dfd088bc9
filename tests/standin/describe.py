"""What describe says of objects and their fields."""
from schema import NUMBERS

SOAP = {"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int",
        "double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double",
        "date": "xsd:date", "datetime": "xsd:dateTime", "address": "urn:address",
        "anyType": "xsd:anyType"}
MASTER_RECORD_TYPE = "012000000000000AAA"


def describe_global(schema, base):
    return {"encoding": "UTF-8", "maxBatchSize": 200,
            "sobjects": [summary(schema.objects[name], base) for name in sorted(schema.objects)]}


def summary(sobject, base):
    url = f"{base}/sobjects/{sobject.name}"
    allowed = sobject.allowed
    return {
        "activateable": False, "associateEntityType": None, "associateParentEntity": None,
        "createable": "create" in allowed, "custom": False, "customSetting": False,
        "deepCloneable": False, "deletable": "delete" in allowed, "deprecatedAndHidden": False,
        "feedEnabled": "merge" in allowed, "hasSubtypes": False, "isInterface": False,
        "isSubtype": False, "keyPrefix": sobject.prefix, "label": sobject.label,
        "labelPlural": sobject.plural, "layoutable": "undelete" in allowed,
        "mergeable": "merge" in allowed, "mruEnabled": "merge" in allowed,
        "name": sobject.name, "queryable": True, "replicateable": "replicate" in allowed,
        "retrieveable": True, "searchable": "undelete" in allowed,
        "triggerable": "undelete" in allowed, "undeletable": "undelete" in allowed,
        "updateable": "update" in allowed,
        "urls": {"sobject": url, "describe": url + "/describe", "rowTemplate": url + "/{ID}"},
    }


def basic(database, sobject, base):
    """/sobjects/X: the object, and what was seen last."""
    alive = "WHERE IsDeleted = 0" if "IsDeleted" in sobject.columns else ""
    name = sobject.name_field or "Id"
    rows = database.execute(f'SELECT Id, "{name}" AS name FROM "{sobject.name}" {alive} '
                            "ORDER BY CreatedDate DESC, Id LIMIT 20").fetchall()
    recent = [{"attributes": {"type": sobject.name,
                              "url": f"{base}/sobjects/{sobject.name}/{row['Id']}"},
               "Id": row["Id"], name: row["name"]} for row in rows]
    return {"objectDescribe": summary(sobject, base), "recentItems": recent}


def describe_object(database, sobject, base):
    schema = database.schema
    described = summary(sobject, base)
    described["actionOverrides"] = []
    described["childRelationships"] = [child_relationship(child, field)
                                       for child, field in schema.children(sobject)]
    described["compactLayoutable"] = True
    described["fields"] = [describe_field(sobject, field) for field in sobject.fields.values()]
    described["namedLayoutInfos"] = []
    described["networkScopeFieldName"] = None
    described["recordTypeInfos"] = record_types(database, sobject, base)
    described["supportedScopes"] = [{"label": "All " + sobject.plural.lower(),
                                     "name": "everything"}]
    return described


def child_relationship(child, field):
    return {"cascadeDelete": field.cascade, "childSObject": child.name,
            "deprecatedAndHidden": False, "field": field.name, "junctionIdListNames": [],
            "junctionReferenceTo": [], "relationshipName": field.child, "restrictedDelete": False}


def record_types(database, sobject, base):
    if "RecordTypeId" not in sobject.columns and sobject.name != "RecordType":
        return []
    rows = database.find("RecordType", "SobjectType = ? ORDER BY Id", (sobject.name,))
    infos = [(row["Id"], row["Name"], row["DeveloperName"], bool(row["IsActive"])) for row in rows]
    infos.append((MASTER_RECORD_TYPE, "Master", "Master", True))
    return [{"active": active, "available": active, "defaultRecordTypeMapping": len(infos) == 1,
             "developerName": developer, "master": developer == "Master", "name": name,
             "recordTypeId": record_id,
             "urls": {"layout": f"{base}/sobjects/{sobject.name}/describe/layouts/{record_id}"}}
            for record_id, name, developer, active in infos]


def describe_field(sobject, field):
    text = field.type not in SOAP
    compound = field.compound or ("Name" if sobject.has("LastName") and field.name in
                                  ("FirstName", "LastName", "Salutation") else None)
    return {
        "aggregatable": field.type not in ("address", "anyType", "textarea", "boolean"),
        "aiPredictionField": False, "autoNumber": False,
        "byteLength": field.length * (1 if field.type in ("id", "reference") else 3),
        "calculated": False, "calculatedFormula": None, "cascadeDelete": field.cascade,
        "caseSensitive": False, "compoundFieldName": compound, "controllerName": None,
        "createable": field.createable, "custom": field.custom,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultValueFormula": None, "defaultedOnCreate": field.defaulted,
        "dependentPicklist": False, "deprecatedAndHidden": False,
        "digits": field.precision if field.type == "int" else 0, "displayLocationInDecimal": False,
        "encrypted": False, "externalId": field.external_id,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "filterable": field.filterable and field.type not in ("address", "anyType"),
        "filteredLookupInfo": None, "formulaTreatNullNumberAsZero": False,
        "groupable": text and field.type != "textarea" or
        field.type in ("id", "reference", "date", "boolean", "int"),
        "highScaleNumber": False, "htmlFormatted": False, "idLookup": field.id_lookup,
        "inlineHelpText": None, "label": field.label, "length": field.length, "mask": None,
        "maskType": None, "name": field.name, "nameField": field.name == sobject.name_field,
        "namePointing": field.polymorphic, "nillable": field.nillable,
        "permissionable": field.nillable, "picklistValues": picklist_values(field),
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision if field.number and field.type != "int" else 0,
        "queryByDistance": False, "referenceTargetField": None,
        "referenceTo": list(field.refers_to), "relationshipName": field.relation,
        "relationshipOrder": None, "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": field.scale if field.type in NUMBERS else 0, "searchPrefilterable": False,
        "soapType": SOAP.get(field.type, "xsd:string"),
        "sortable": field.filterable and field.type not in ("address", "anyType", "textarea"),
        "type": field.type, "unique": field.unique, "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def picklist_values(field):
    return [{"active": True, "defaultValue": value == field.default, "label": value,
             "validFor": None, "value": value} for value in field.values or []]
