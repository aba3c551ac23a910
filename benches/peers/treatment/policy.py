"""A policy's text, compiled into functions and dicts."""

import functools
import hashlib
import re

import yaml

from .classes import Classes
from .pseudonyms import KEY_ID, pseudonym
from .rules import Schema, Tree, Walk
from .self_describing import JSON_COLUMNS, json_column, to_json
from .treatments import nothing, only_pseudonym, rule_of
from .urls import Urls

COLUMNS = """
app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker v_collector
v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid geo_country geo_region
geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain ip_netspeed page_url
page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath page_urlquery page_urlfragment
refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery refr_urlfragment refr_medium refr_source refr_term
mkt_medium mkt_source mkt_term mkt_content mkt_campaign contexts se_category se_action se_label se_property se_value
unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city tr_state tr_country ti_orderid ti_sku
ti_name ti_category ti_price ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name
br_family br_version br_type br_renderengine br_lang br_features_pdf br_features_flash br_features_java
br_features_director br_features_quicktime br_features_realplayer br_features_windowsmedia br_features_gears
br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer
os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height tr_currency
tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone mkt_clickid mkt_network
etl_tags dvce_sent_tstamp refr_domain_userid refr_dvce_tstamp derived_contexts domain_sessionid derived_tstamp
event_vendor event_name event_format event_version event_fingerprint true_tstamp
""".split()
URL_PARTS = {"page_url": "page_url", "refr_url": "page_referrer"}
SCHEMAS_AT_HAND_MAX = 256
CONTEXTS_SCHEMA = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1"
AUDIT_SCHEMA = "iglu:io.whiteout/treatment/jsonschema/1-0-0"
SCHEMA_URI = re.compile(
    r"iglu:([A-Za-z0-9._-]{1,128}/[A-Za-z0-9_-]{1,128})/jsonschema"
    r"/([1-9][0-9]{0,2})-(0|[1-9][0-9]{0,2})-(0|[1-9][0-9]{0,2})"
)
STEP = re.compile(r"\[\*?\]|(?:\\.|[^.\[\\])+")


class Policy:
    """A policy, compiled. It is taken for granted that it is one: `shared/privacy` checks it."""

    def __init__(self, text):
        # Every scalar is text, so that `no` and `1-0` never turn into something else.
        document = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        if document["scheme"] != "hmac-sha256-hex":
            raise ValueError("this program knows only the scheme hmac-sha256-hex")
        self.label = f"{document['name']}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        self.classes = Classes(document.get("classes", {}))
        self.urls = {name: Urls(rules, self.classes) for name, rules in document.get("urls", {}).items()}
        self.schema = functools.lru_cache(maxsize=SCHEMAS_AT_HAND_MAX)(self.find_schema)
        self.schemas = {}
        for criterion, rules in document.get("schemas", {}).items():
            name, _, version = criterion.rpartition("/")
            wanted = [None if part == "*" else int(part) for part in version.split("-")]
            tree = self.tree(rules.get("fields", {}))
            self.schemas.setdefault(name, []).append((wanted, tree))
        uri = document.get("unknown_schemas", {}).get("uri", "pseudonymize")
        self.unknown_uris = None if uri == "pseudonymize" else self.classes.of(uri["keep"])
        audit = document.get("audit", "derived_contexts")
        self.columns = [self.column(name, document.get("columns", {}), audit) for name in COLUMNS]

    def find_schema(self, uri):
        """What a URI leads to."""
        root = envelope = None
        match = SCHEMA_URI.fullmatch(uri)
        if match:
            name, *version = match.groups()
            root = self.rules_of(name, [int(part) for part in version])
            if name.startswith("com.snowplowanalytics.snowplow/"):
                envelope = name.partition("/")[2]
        is_shown = root is not None or (self.unknown_uris and self.unknown_uris(uri))
        return Schema(root, uri if is_shown else pseudonym(uri.encode()), envelope)

    def forget(self):
        """As if no path had been seen yet."""
        for urls in self.urls.values():
            urls.remembered_path.cache_clear()

    def rules_of(self, name, version):
        """The first rules for this version."""
        for wanted, tree in self.schemas.get(name, []):
            if all(part in (None, has) for part, has in zip(wanted, version)):
                return tree
        return None

    def column(self, name, columns, audit):
        """A function from the column's text to what takes its place."""
        audited = name == audit == "derived_contexts"
        entity = {"schema": AUDIT_SCHEMA, "data": {"policy": self.label, "key": KEY_ID}}
        if name in JSON_COLUMNS and name not in columns:
            treat = json_column(name, self.schema, entity if audited else None)
        else:
            treat = self.text_column(name, columns)
        if audited:
            alone = to_json({"schema": CONTEXTS_SCHEMA, "data": [entity]})
            return lambda text: treat(text) or alone
        if name == audit == "etl_tags":
            tags = f"policy={self.label},key={KEY_ID}"
            return lambda text: ",".join(filter(None, [treat(text), tags]))
        return treat

    def text_column(self, name, columns):
        if name in columns:
            apply = rule_of(columns[name], self.classes, self.urls).apply
        else:
            apply = self.url_part(name, columns)

        def treat(text):
            if not text:
                return ""
            shown = apply(text)
            return pseudonym(text.encode()) if shown is None else shown

        return treat

    def url_part(self, name, columns):
        """A part of a URL follows the rule of the whole; other columns that are not listed become pseudonyms."""
        source = URL_PARTS.get(name[:8])
        whole = columns.get(source, "pseudonymize") if source else "pseudonymize"
        if "drop" in whole:
            return nothing
        if isinstance(whole, dict) and "url" in whole:
            return getattr(self.urls[whole["url"]], name[8:])
        return only_pseudonym

    def tree(self, fields):
        """The paths of a schema, grown into a tree."""
        root = Tree()
        for path, treatment in fields.items():
            steps = STEP.findall(path.removeprefix("$"))
            if isinstance(treatment, dict) and "walk" in treatment:
                walk = treatment["walk"]
                keys = None if walk["keys"] == "pseudonymize" else self.classes.of(walk["keys"])
                leaves = rule_of(walk["leaves"], self.classes, self.urls)
                grown(root, steps).walk = Walk(keys, leaves)
            else:
                rule = rule_of(treatment, self.classes, self.urls)
                set_step(grown(root, steps[:-1]), steps[-1], rule)
        return root


def grown(tree, steps):
    """The place at the end of the steps, made where it is missing."""
    for step in steps:
        known = tree.items if step.startswith("[") else tree.fields.get(plain(step))
        if known is None:
            known = set_step(tree, step, Tree())
        tree = known
    return tree


def set_step(tree, step, target):
    if step.startswith("["):
        tree.items = target
    else:
        tree.fields[plain(step)] = target
    return target


def plain(step):
    """A key without the backslashes that protect dots."""
    return re.sub(r"\\(.)", r"\1", step)
