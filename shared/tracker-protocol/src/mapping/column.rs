//! The columns that parameters fill: their place among the 131 and their name.

/// A column of the enriched event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its place in a line, from 0 to 130.
    pub index: usize,
    /// Its name in the warehouse.
    pub name: &'static str,
}

const fn column(index: usize, name: &'static str) -> Column {
    Column { index, name }
}

/// Filled by `aid`.
pub const APP_ID: Column = column(0, "app_id");
/// Filled by `p`.
pub const PLATFORM: Column = column(1, "platform");
/// Filled by `dtm`.
pub const DVCE_CREATED_TSTAMP: Column = column(4, "dvce_created_tstamp");
/// Filled by `e`.
pub const EVENT: Column = column(5, "event");
/// Filled by `eid`.
pub const EVENT_ID: Column = column(6, "event_id");
/// Filled by `tid`.
pub const TXN_ID: Column = column(7, "txn_id");
/// Filled by `tna`.
pub const NAME_TRACKER: Column = column(8, "name_tracker");
/// Filled by `tv`.
pub const V_TRACKER: Column = column(9, "v_tracker");
/// Filled by `cv`.
pub const V_COLLECTOR: Column = column(10, "v_collector");
/// Filled by `uid`.
pub const USER_ID: Column = column(12, "user_id");
/// Filled by `ip`.
pub const USER_IPADDRESS: Column = column(13, "user_ipaddress");
/// Filled by `fp`.
pub const USER_FINGERPRINT: Column = column(14, "user_fingerprint");
/// Filled by `duid`.
pub const DOMAIN_USERID: Column = column(15, "domain_userid");
/// Filled by `vid`.
pub const DOMAIN_SESSIONIDX: Column = column(16, "domain_sessionidx");
/// Filled by `nuid` and, last, `tnuid`.
pub const NETWORK_USERID: Column = column(17, "network_userid");
/// Filled by `url`.
pub const PAGE_URL: Column = column(29, "page_url");
/// Filled by `page`.
pub const PAGE_TITLE: Column = column(30, "page_title");
/// Filled by `refr`.
pub const PAGE_REFERRER: Column = column(31, "page_referrer");
/// Filled by `co` and `cx`.
pub const CONTEXTS: Column = column(52, "contexts");
/// Filled by `ev_ca` and `se_ca`.
pub const SE_CATEGORY: Column = column(53, "se_category");
/// Filled by `ev_ac` and `se_ac`.
pub const SE_ACTION: Column = column(54, "se_action");
/// Filled by `se_la` and `ev_la`.
pub const SE_LABEL: Column = column(55, "se_label");
/// Filled by `se_pr` and `ev_pr`.
pub const SE_PROPERTY: Column = column(56, "se_property");
/// Filled by `se_va` and `ev_va`.
pub const SE_VALUE: Column = column(57, "se_value");
/// Filled by `ue_pr` and `ue_px`.
pub const UNSTRUCT_EVENT: Column = column(58, "unstruct_event");
/// Filled by `tr_id`.
pub const TR_ORDERID: Column = column(59, "tr_orderid");
/// Filled by `tr_af`.
pub const TR_AFFILIATION: Column = column(60, "tr_affiliation");
/// Filled by `tr_tt`.
pub const TR_TOTAL: Column = column(61, "tr_total");
/// Filled by `tr_tx`.
pub const TR_TAX: Column = column(62, "tr_tax");
/// Filled by `tr_sh`.
pub const TR_SHIPPING: Column = column(63, "tr_shipping");
/// Filled by `tr_ci`.
pub const TR_CITY: Column = column(64, "tr_city");
/// Filled by `tr_st`.
pub const TR_STATE: Column = column(65, "tr_state");
/// Filled by `tr_co`.
pub const TR_COUNTRY: Column = column(66, "tr_country");
/// Filled by `ti_id`.
pub const TI_ORDERID: Column = column(67, "ti_orderid");
/// Filled by `ti_sk`.
pub const TI_SKU: Column = column(68, "ti_sku");
/// Filled by `ti_na` and `ti_nm`.
pub const TI_NAME: Column = column(69, "ti_name");
/// Filled by `ti_ca`.
pub const TI_CATEGORY: Column = column(70, "ti_category");
/// Filled by `ti_pr`.
pub const TI_PRICE: Column = column(71, "ti_price");
/// Filled by `ti_qu`.
pub const TI_QUANTITY: Column = column(72, "ti_quantity");
/// Filled by `pp_mix`.
pub const PP_XOFFSET_MIN: Column = column(73, "pp_xoffset_min");
/// Filled by `pp_max`.
pub const PP_XOFFSET_MAX: Column = column(74, "pp_xoffset_max");
/// Filled by `pp_miy`.
pub const PP_YOFFSET_MIN: Column = column(75, "pp_yoffset_min");
/// Filled by `pp_may`.
pub const PP_YOFFSET_MAX: Column = column(76, "pp_yoffset_max");
/// Filled by `ua`.
pub const USERAGENT: Column = column(77, "useragent");
/// Filled by `lang`.
pub const BR_LANG: Column = column(83, "br_lang");
/// Filled by `f_pdf`.
pub const BR_FEATURES_PDF: Column = column(84, "br_features_pdf");
/// Filled by `f_fla`.
pub const BR_FEATURES_FLASH: Column = column(85, "br_features_flash");
/// Filled by `f_java`.
pub const BR_FEATURES_JAVA: Column = column(86, "br_features_java");
/// Filled by `f_dir`.
pub const BR_FEATURES_DIRECTOR: Column = column(87, "br_features_director");
/// Filled by `f_qt`.
pub const BR_FEATURES_QUICKTIME: Column = column(88, "br_features_quicktime");
/// Filled by `f_realp`.
pub const BR_FEATURES_REALPLAYER: Column = column(89, "br_features_realplayer");
/// Filled by `f_wma`.
pub const BR_FEATURES_WINDOWSMEDIA: Column = column(90, "br_features_windowsmedia");
/// Filled by `f_gears`.
pub const BR_FEATURES_GEARS: Column = column(91, "br_features_gears");
/// Filled by `f_ag`.
pub const BR_FEATURES_SILVERLIGHT: Column = column(92, "br_features_silverlight");
/// Filled by `cookie`.
pub const BR_COOKIES: Column = column(93, "br_cookies");
/// Filled by `cd`.
pub const BR_COLORDEPTH: Column = column(94, "br_colordepth");
/// Filled by `vp`.
pub const BR_VIEWWIDTH: Column = column(95, "br_viewwidth");
/// Filled by `vp`.
pub const BR_VIEWHEIGHT: Column = column(96, "br_viewheight");
/// Filled by `tz`.
pub const OS_TIMEZONE: Column = column(100, "os_timezone");
/// Filled by `res`.
pub const DVCE_SCREENWIDTH: Column = column(103, "dvce_screenwidth");
/// Filled by `res`.
pub const DVCE_SCREENHEIGHT: Column = column(104, "dvce_screenheight");
/// Filled by `cs`.
pub const DOC_CHARSET: Column = column(105, "doc_charset");
/// Filled by `ds`.
pub const DOC_WIDTH: Column = column(106, "doc_width");
/// Filled by `ds`.
pub const DOC_HEIGHT: Column = column(107, "doc_height");
/// Filled by `tr_cu`.
pub const TR_CURRENCY: Column = column(108, "tr_currency");
/// Filled by `ti_cu`.
pub const TI_CURRENCY: Column = column(112, "ti_currency");
/// Filled by `stm`.
pub const DVCE_SENT_TSTAMP: Column = column(119, "dvce_sent_tstamp");
/// Filled by `sid`.
pub const DOMAIN_SESSIONID: Column = column(123, "domain_sessionid");
/// Filled by `ttm`.
pub const TRUE_TSTAMP: Column = column(130, "true_tstamp");
