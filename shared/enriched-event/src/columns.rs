//! The table of columns, in the order of the row.

use std::fmt;

/// So many columns make a row.
pub const COLUMN_COUNT: usize = 131;

/// What a column's text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// `2026-01-02 03:04:05.678`, in UTC.
    Timestamp,
    /// A whole number of 32 bits.
    Int,
    /// A number as Java prints its floats.
    Float,
    /// A decimal number of any precision.
    Decimal,
    /// `0` or `1`.
    Bool01,
    /// Self-describing JSON.
    Json,
}

/// The limit, if the table has one.
macro_rules! limit {
    () => {
        None
    };
    ($chars_max:literal) => {
        Some($chars_max)
    };
}

/// Makes the table below into [`Column`]; a row is variant, name, kind and, of texts, the limit.
macro_rules! columns {
    ($($variant:ident $name:literal $kind:ident $($chars_max:literal)?;)*) => {
        /// A column of the event; its position in the row is `column as usize`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Column {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Column {
            /// Every column, in order.
            pub const ALL: [Self; COLUMN_COUNT] = [$(Self::$variant),*];

            /// The name, as in the warehouse.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What the text stands for.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$variant => Kind::$kind,)*
                }
            }

            /// The longest text by default, in UTF-16 code units; only texts have a limit.
            pub const fn chars_max(self) -> Option<u32> {
                match self {
                    $(Self::$variant => limit!($($chars_max)?),)*
                }
            }

            /// The column with this name.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

columns! {
    AppId "app_id" Text 255;
    Platform "platform" Text 255;
    EtlTstamp "etl_tstamp" Timestamp;
    CollectorTstamp "collector_tstamp" Timestamp;
    DvceCreatedTstamp "dvce_created_tstamp" Timestamp;
    Event "event" Text 128;
    EventId "event_id" Text 36;
    TxnId "txn_id" Int;
    NameTracker "name_tracker" Text 128;
    VTracker "v_tracker" Text 100;
    VCollector "v_collector" Text 100;
    VEtl "v_etl" Text 100;
    UserId "user_id" Text 255;
    UserIpaddress "user_ipaddress" Text 128;
    UserFingerprint "user_fingerprint" Text 128;
    DomainUserid "domain_userid" Text 128;
    DomainSessionidx "domain_sessionidx" Int;
    NetworkUserid "network_userid" Text 128;
    GeoCountry "geo_country" Text 2;
    GeoRegion "geo_region" Text 3;
    GeoCity "geo_city" Text 75;
    GeoZipcode "geo_zipcode" Text 15;
    GeoLatitude "geo_latitude" Float;
    GeoLongitude "geo_longitude" Float;
    GeoRegionName "geo_region_name" Text 100;
    IpIsp "ip_isp" Text 100;
    IpOrganization "ip_organization" Text 128;
    IpDomain "ip_domain" Text 128;
    IpNetspeed "ip_netspeed" Text 100;
    PageUrl "page_url" Text 10000;
    PageTitle "page_title" Text 2000;
    PageReferrer "page_referrer" Text 10000;
    PageUrlscheme "page_urlscheme" Text 16;
    PageUrlhost "page_urlhost" Text 255;
    PageUrlport "page_urlport" Int;
    PageUrlpath "page_urlpath" Text 3000;
    PageUrlquery "page_urlquery" Text 6000;
    PageUrlfragment "page_urlfragment" Text 3000;
    RefrUrlscheme "refr_urlscheme" Text 16;
    RefrUrlhost "refr_urlhost" Text 255;
    RefrUrlport "refr_urlport" Int;
    RefrUrlpath "refr_urlpath" Text 6000;
    RefrUrlquery "refr_urlquery" Text 6000;
    RefrUrlfragment "refr_urlfragment" Text 3000;
    RefrMedium "refr_medium" Text 25;
    RefrSource "refr_source" Text 50;
    RefrTerm "refr_term" Text 255;
    MktMedium "mkt_medium" Text 255;
    MktSource "mkt_source" Text 255;
    MktTerm "mkt_term" Text 255;
    MktContent "mkt_content" Text 500;
    MktCampaign "mkt_campaign" Text 255;
    Contexts "contexts" Json;
    SeCategory "se_category" Text 1000;
    SeAction "se_action" Text 1000;
    SeLabel "se_label" Text 4096;
    SeProperty "se_property" Text 1000;
    SeValue "se_value" Decimal;
    UnstructEvent "unstruct_event" Json;
    TrOrderid "tr_orderid" Text 255;
    TrAffiliation "tr_affiliation" Text 255;
    TrTotal "tr_total" Decimal;
    TrTax "tr_tax" Decimal;
    TrShipping "tr_shipping" Decimal;
    TrCity "tr_city" Text 255;
    TrState "tr_state" Text 255;
    TrCountry "tr_country" Text 255;
    TiOrderid "ti_orderid" Text 255;
    TiSku "ti_sku" Text 255;
    TiName "ti_name" Text 255;
    TiCategory "ti_category" Text 255;
    TiPrice "ti_price" Decimal;
    TiQuantity "ti_quantity" Int;
    PpXoffsetMin "pp_xoffset_min" Int;
    PpXoffsetMax "pp_xoffset_max" Int;
    PpYoffsetMin "pp_yoffset_min" Int;
    PpYoffsetMax "pp_yoffset_max" Int;
    Useragent "useragent" Text 1000;
    BrName "br_name" Text 50;
    BrFamily "br_family" Text 50;
    BrVersion "br_version" Text 50;
    BrType "br_type" Text 50;
    BrRenderengine "br_renderengine" Text 50;
    BrLang "br_lang" Text 255;
    BrFeaturesPdf "br_features_pdf" Bool01;
    BrFeaturesFlash "br_features_flash" Bool01;
    BrFeaturesJava "br_features_java" Bool01;
    BrFeaturesDirector "br_features_director" Bool01;
    BrFeaturesQuicktime "br_features_quicktime" Bool01;
    BrFeaturesRealplayer "br_features_realplayer" Bool01;
    BrFeaturesWindowsmedia "br_features_windowsmedia" Bool01;
    BrFeaturesGears "br_features_gears" Bool01;
    BrFeaturesSilverlight "br_features_silverlight" Bool01;
    BrCookies "br_cookies" Bool01;
    BrColordepth "br_colordepth" Text 12;
    BrViewwidth "br_viewwidth" Int;
    BrViewheight "br_viewheight" Int;
    OsName "os_name" Text 50;
    OsFamily "os_family" Text 50;
    OsManufacturer "os_manufacturer" Text 50;
    OsTimezone "os_timezone" Text 255;
    DvceType "dvce_type" Text 50;
    DvceIsmobile "dvce_ismobile" Bool01;
    DvceScreenwidth "dvce_screenwidth" Int;
    DvceScreenheight "dvce_screenheight" Int;
    DocCharset "doc_charset" Text 128;
    DocWidth "doc_width" Int;
    DocHeight "doc_height" Int;
    TrCurrency "tr_currency" Text 3;
    TrTotalBase "tr_total_base" Decimal;
    TrTaxBase "tr_tax_base" Decimal;
    TrShippingBase "tr_shipping_base" Decimal;
    TiCurrency "ti_currency" Text 3;
    TiPriceBase "ti_price_base" Decimal;
    BaseCurrency "base_currency" Text 3;
    GeoTimezone "geo_timezone" Text 64;
    MktClickid "mkt_clickid" Text 1000;
    MktNetwork "mkt_network" Text 64;
    EtlTags "etl_tags" Text 500;
    DvceSentTstamp "dvce_sent_tstamp" Timestamp;
    RefrDomainUserid "refr_domain_userid" Text 128;
    RefrDvceTstamp "refr_dvce_tstamp" Timestamp;
    DerivedContexts "derived_contexts" Json;
    DomainSessionid "domain_sessionid" Text 128;
    DerivedTstamp "derived_tstamp" Timestamp;
    EventVendor "event_vendor" Text 1000;
    EventName "event_name" Text 1000;
    EventFormat "event_format" Text 128;
    EventVersion "event_version" Text 128;
    EventFingerprint "event_fingerprint" Text 128;
    TrueTstamp "true_tstamp" Timestamp;
}

impl Column {
    /// The position in the row, from 0.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_stands_where_its_index_says() {
        for (index, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column.index(), index);
            assert_eq!(Column::named(column.name()), Some(column));
        }
        assert_eq!(Column::named("pii"), None);
    }

    #[test]
    fn the_known_positions_are_right() {
        for (column, index) in [
            (Column::AppId, 0),
            (Column::PageUrl, 29),
            (Column::Contexts, 52),
            (Column::UnstructEvent, 58),
            (Column::Useragent, 77),
            (Column::DerivedContexts, 122),
            (Column::TrueTstamp, 130),
        ] {
            assert_eq!(column.index(), index, "{column}");
        }
    }

    #[test]
    fn every_text_has_a_limit_and_nothing_else_has() {
        for column in Column::ALL {
            assert_eq!(column.kind() == Kind::Text, column.chars_max().is_some(), "{column}");
        }
    }
}
