//! Which parameter fills which column, and how: one table, and the loop over it.

pub mod column;

use std::fmt;
use std::sync::LazyLock;

use crate::Parameters;
use crate::convert::Converter::{
    self, Base64Json, Bool, Decimal, Dimensions, EventType, Int, Ip, Json, Platform, Text,
    Timestamp, Uuid,
};
use crate::convert::{Cell, Message};
use crate::parameters::map_key;

pub use column::Column;

/// The parameter that fills `network_userid` after all others, whatever their order.
pub const NETWORK_USERID_OVERRIDE: &str = "tnuid";

/// How one parameter becomes one column, or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The name that trackers send.
    pub parameter: &'static str,
    /// The column that it fills.
    pub column: Column,
    /// The column beside it: a size has two.
    pub second: Option<Column>,
    /// How.
    pub converter: Converter,
}

const fn one(parameter: &'static str, column: Column, converter: Converter) -> Mapping {
    Mapping { parameter, column, second: None, converter }
}

const fn size(parameter: &'static str, width: Column, height: Column) -> Mapping {
    Mapping { parameter, column: width, second: Some(height), converter: Dimensions }
}

/// Every parameter that fills a column, in the order of the columns. Of two for one column, the
/// second wins when both are sent along with three others or more.
pub const MAPPINGS: [Mapping; 75] = [
    one("aid", column::APP_ID, Text),
    one("p", column::PLATFORM, Platform),
    one("dtm", column::DVCE_CREATED_TSTAMP, Timestamp),
    one("e", column::EVENT, EventType),
    one("eid", column::EVENT_ID, Uuid),
    one("tid", column::TXN_ID, Int),
    one("tna", column::NAME_TRACKER, Text),
    one("tv", column::V_TRACKER, Text),
    one("cv", column::V_COLLECTOR, Text),
    one("uid", column::USER_ID, Text),
    one("ip", column::USER_IPADDRESS, Ip),
    one("fp", column::USER_FINGERPRINT, Text),
    one("duid", column::DOMAIN_USERID, Text),
    one("vid", column::DOMAIN_SESSIONIDX, Int),
    one("nuid", column::NETWORK_USERID, Text),
    one(NETWORK_USERID_OVERRIDE, column::NETWORK_USERID, Text),
    one("url", column::PAGE_URL, Text),
    one("page", column::PAGE_TITLE, Text),
    one("refr", column::PAGE_REFERRER, Text),
    one("co", column::CONTEXTS, Json),
    one("cx", column::CONTEXTS, Base64Json),
    one("ev_ca", column::SE_CATEGORY, Text),
    one("se_ca", column::SE_CATEGORY, Text),
    one("ev_ac", column::SE_ACTION, Text),
    one("se_ac", column::SE_ACTION, Text),
    one("se_la", column::SE_LABEL, Text),
    one("ev_la", column::SE_LABEL, Text),
    one("se_pr", column::SE_PROPERTY, Text),
    one("ev_pr", column::SE_PROPERTY, Text),
    one("se_va", column::SE_VALUE, Decimal),
    one("ev_va", column::SE_VALUE, Decimal),
    one("ue_pr", column::UNSTRUCT_EVENT, Json),
    one("ue_px", column::UNSTRUCT_EVENT, Base64Json),
    one("tr_id", column::TR_ORDERID, Text),
    one("tr_af", column::TR_AFFILIATION, Text),
    one("tr_tt", column::TR_TOTAL, Decimal),
    one("tr_tx", column::TR_TAX, Decimal),
    one("tr_sh", column::TR_SHIPPING, Decimal),
    one("tr_ci", column::TR_CITY, Text),
    one("tr_st", column::TR_STATE, Text),
    one("tr_co", column::TR_COUNTRY, Text),
    one("ti_id", column::TI_ORDERID, Text),
    one("ti_sk", column::TI_SKU, Text),
    one("ti_na", column::TI_NAME, Text),
    one("ti_nm", column::TI_NAME, Text),
    one("ti_ca", column::TI_CATEGORY, Text),
    one("ti_pr", column::TI_PRICE, Decimal),
    one("ti_qu", column::TI_QUANTITY, Int),
    one("pp_mix", column::PP_XOFFSET_MIN, Int),
    one("pp_max", column::PP_XOFFSET_MAX, Int),
    one("pp_miy", column::PP_YOFFSET_MIN, Int),
    one("pp_may", column::PP_YOFFSET_MAX, Int),
    one("ua", column::USERAGENT, Text),
    one("lang", column::BR_LANG, Text),
    one("f_pdf", column::BR_FEATURES_PDF, Bool),
    one("f_fla", column::BR_FEATURES_FLASH, Bool),
    one("f_java", column::BR_FEATURES_JAVA, Bool),
    one("f_dir", column::BR_FEATURES_DIRECTOR, Bool),
    one("f_qt", column::BR_FEATURES_QUICKTIME, Bool),
    one("f_realp", column::BR_FEATURES_REALPLAYER, Bool),
    one("f_wma", column::BR_FEATURES_WINDOWSMEDIA, Bool),
    one("f_gears", column::BR_FEATURES_GEARS, Bool),
    one("f_ag", column::BR_FEATURES_SILVERLIGHT, Bool),
    one("cookie", column::BR_COOKIES, Bool),
    one("cd", column::BR_COLORDEPTH, Text),
    size("vp", column::BR_VIEWWIDTH, column::BR_VIEWHEIGHT),
    one("tz", column::OS_TIMEZONE, Text),
    size("res", column::DVCE_SCREENWIDTH, column::DVCE_SCREENHEIGHT),
    one("cs", column::DOC_CHARSET, Text),
    size("ds", column::DOC_WIDTH, column::DOC_HEIGHT),
    one("tr_cu", column::TR_CURRENCY, Text),
    one("ti_cu", column::TI_CURRENCY, Text),
    one("stm", column::DVCE_SENT_TSTAMP, Timestamp),
    one("sid", column::DOMAIN_SESSIONID, Uuid),
    one("ttm", column::TRUE_TSTAMP, Timestamp),
];

/// The table in the order of a hash map, to be searched fast.
static BY_KEY: LazyLock<Vec<(u32, Mapping)>> = LazyLock::new(|| {
    let mut table: Vec<_> =
        MAPPINGS.into_iter().map(|mapping| (map_key(mapping.parameter), mapping)).collect();
    table.sort_unstable_by_key(|(key, _)| *key);
    table
});

/// The row of the table for a parameter.
pub fn mapping(parameter: &str) -> Option<&'static Mapping> {
    keyed_mapping(map_key(parameter), parameter)
}

fn keyed_mapping(key: u32, parameter: &str) -> Option<&'static Mapping> {
    let place = BY_KEY.binary_search_by_key(&key, |(key, _)| *key).ok()?;
    BY_KEY.get(place).map(|(_, found)| found).filter(|found| found.parameter == parameter)
}

/// A value that its column cannot take.
#[derive(Clone, PartialEq, Eq)]
pub struct Defect<'p> {
    /// The parameter, which is the field that a bad event names.
    pub parameter: &'static str,
    /// The value as it was sent.
    pub value: &'p str,
    /// What is wrong with it.
    pub message: Message,
}

impl fmt::Debug for Defect<'_> {
    /// Without the value, and without the message, which may quote it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Defect").field("parameter", &self.parameter).finish_non_exhaustive()
    }
}

/// Converts every parameter that fills a column and hands each cell to `set`, which overwrites: a
/// later parameter wins, even with an empty value. Names without a value and unknown names are
/// passed over. The defects come out in the order in which a bad event lists them: the last first.
pub fn fill<'p>(
    parameters: &'p Parameters<'_>,
    mut set: impl FnMut(Column, Cell<'p>),
) -> Vec<Defect<'p>> {
    let mut defects = Vec::new();
    let mut network_user_id = None;
    for (key, name, value) in parameters.keyed_in_map_order() {
        let Some(value) = value else { continue };
        let Some(mapping) = keyed_mapping(key, name) else { continue };
        match mapping.converter.convert(value) {
            Ok((cell, _)) if mapping.parameter == NETWORK_USERID_OVERRIDE => {
                network_user_id = Some(cell);
            }
            Ok((cell, second)) => {
                set(mapping.column, cell);
                if let Some(column) = mapping.second {
                    set(column, second);
                }
            }
            Err(message) => {
                defects.push(Defect { parameter: mapping.parameter, value, message });
            }
        }
    }
    if let Some(cell) = network_user_id {
        set(column::NETWORK_USERID, cell);
    }
    defects.reverse();
    defects
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::column::*;
    use super::*;

    fn parameters<'a>(pairs: &[(&'a str, &'a str)]) -> Parameters<'a> {
        pairs.iter().map(|(name, value)| ((*name).into(), Some((*value).into()))).collect()
    }

    fn filled<'p>(parameters: &'p Parameters<'_>) -> (Vec<Option<Cow<'p, str>>>, Vec<Defect<'p>>) {
        let mut line = vec![None; 131];
        let defects = fill(parameters, |column, cell| line[column.index] = cell);
        (line, defects)
    }

    #[test]
    fn every_row_is_found_by_its_name_and_no_two_share_a_key() {
        for row in &MAPPINGS {
            assert_eq!(mapping(row.parameter), Some(row));
        }
        assert!(BY_KEY.windows(2).all(|two| two[0].0 < two[1].0));
        assert_eq!(mapping("unknown"), None);
        assert_eq!(mapping(""), None);
    }

    #[test]
    fn columns_stand_where_they_belong() {
        let mut seen = std::collections::BTreeMap::new();
        for row in MAPPINGS {
            for column in [Some(row.column), row.second].into_iter().flatten() {
                assert_eq!(*seen.entry(column.index).or_insert(column.name), column.name);
            }
        }
        assert_eq!(seen.len(), 69);
        assert_eq!(seen.first_key_value(), Some((&0, &"app_id")));
        assert_eq!(seen.last_key_value(), Some((&130, &"true_tstamp")));
    }

    #[test]
    fn values_land_in_their_columns() {
        let sent = parameters(&[
            ("e", "pv"),
            ("p", "web"),
            ("res", "1920x1080"),
            ("dtm", "0"),
            ("aid", ""),
            ("tnuid", "last"),
            ("nuid", "first"),
            ("se_va", "1"),
            ("ev_va", "2"),
        ]);
        let (line, defects) = filled(&sent);
        let text = |column: Column| line[column.index].as_deref();
        assert_eq!(defects, []);
        assert_eq!(text(EVENT), Some("page_view"));
        assert_eq!(text(DVCE_SCREENWIDTH), Some("1920"));
        assert_eq!(text(DVCE_SCREENHEIGHT), Some("1080"));
        assert_eq!(text(DVCE_CREATED_TSTAMP), Some("1970-01-01 00:00:00.000"));
        assert_eq!(text(APP_ID), None);
        assert_eq!(text(NETWORK_USERID), Some("last"));
        assert_eq!(text(SE_VALUE), Some("2"));
    }

    #[test]
    fn every_defect_is_reported_the_last_first() {
        let sent = parameters(&[("e", ""), ("tid", "x"), ("vp", "1")]);
        let (_, defects) = filled(&sent);
        let shown: Vec<_> = defects.iter().map(|defect| defect.parameter).collect();
        assert_eq!(shown, ["vp", "tid", "e"]);
        assert!(!format!("{defects:?}").contains('x'));
    }

    proptest! {
        #[test]
        fn no_parameters_make_it_panic(values in prop::collection::vec("\\PC*", MAPPINGS.len())) {
            let pairs = MAPPINGS.iter().zip(&values);
            let sent: Parameters = pairs.map(|(row, value)| (row.parameter.into(), Some(value.into()))).collect();
            let (_, defects) = filled(&sent);
            prop_assert!(defects.len() <= MAPPINGS.len());
        }
    }
}
