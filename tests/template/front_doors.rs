//! Front doors: each leads to the functions that answer, and the load balancer in the clear to none by accident.

use yaml_rust2::Yaml;

use super::{REMEDY, resources, template, texts, unless};
use crate::house_rules::{assert_none, read};

const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2";
const PARAMETERS: [&str; 4] = ["AlbVpcId", "AlbSubnetIds", "AlbCertificateArn", "AlbPlainHttp"];

#[test]
fn a_load_balancer_leads_where_the_http_api_leads() {
    let template = template();
    assert_eq!(targets(&template).len(), 2, "the collector and the function for Service Pings");
    assert_none(&findings(&template), "the load balancer is a front door", REMEDY);
}

/// The target groups of the load balancer.
fn targets(template: &Yaml) -> Vec<(&str, &Yaml)> {
    resources(template, &format!("{LOAD_BALANCER}::TargetGroup"))
}

fn findings(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, group) in targets(template) {
        let mut require = |holds, what| findings.extend(unless(holds, name, what));
        require(group["TargetType"].as_str() == Some("lambda"), "is no function");
        let attribute = &group["TargetGroupAttributes"][0];
        let is_multi = attribute["Key"].as_str() == Some("lambda.multi_value_headers.enabled")
            && attribute["Value"].as_str() == Some("true");
        require(is_multi, "loses header lines that come twice");
        require(group["HealthCheckEnabled"].as_bool() == Some(false), "is invoked for nothing");
        let function = group["Targets"][0]["Id"].as_str().and_then(|id| id.strip_suffix(".Arn"));
        let before = template["Resources"][name]["DependsOn"].as_str();
        let permissions = resources(template, "AWS::Lambda::Permission");
        let may = permissions.iter().any(|(permission, is)| {
            Some(*permission) == before
                && is["FunctionName"].as_str() == function
                && is["Principal"].as_str() == Some("elasticloadbalancing.amazonaws.com")
                && is["Action"].as_str() == Some("lambda:InvokeFunction")
                && is["SourceArn"].as_str().is_some_and(|arn| arn.contains("${AWS::AccountId}"))
        });
        require(may, "may not invoke its function when it is made");
    }
    let mut require = |holds, what| findings.extend(unless(holds, "AlbListener", what));
    for (_, listener) in resources(template, &format!("{LOAD_BALANCER}::Listener")) {
        let collector = group_of(template, "Collector");
        let first = listener["DefaultActions"][0]["TargetGroupArn"].as_str();
        require(collector.is_some() && first == collector, "does not lead to the collector");
        // Its tags are left out: a choice by the condition.
        let protocol = texts(&listener["Protocol"]);
        require(
            protocol == ["HasAlbCertificate", "HTTPS", "HTTP"],
            "speaks HTTP with a certificate",
        );
    }
    for (_, rule) in resources(template, &format!("{LOAD_BALANCER}::ListenerRule")) {
        let pings = group_of(template, "ServicePing");
        let first = rule["Actions"][0]["TargetGroupArn"].as_str();
        require(pings.is_some() && first == pings, "does not lead to the function for pings");
        let [methods, paths] = [
            &rule["Conditions"][0]["HttpRequestMethodConfig"]["Values"],
            &rule["Conditions"][1]["PathPatternConfig"]["Values"],
        ];
        let routes =
            texts(paths).into_iter().map(|path| format!("{} {path}", texts(methods).join(",")));
        let routes: Vec<_> = routes.collect();
        require(routes == routes_of_the_http_api(template), "takes other paths than the HTTP API");
    }
    findings.extend(parameters(template));
    findings
}

/// The target group of a function.
fn group_of<'a>(template: &'a Yaml, function: &str) -> Option<&'a str> {
    let arn = format!("{function}.Arn");
    let mut groups = targets(template).into_iter();
    groups.find(|(_, group)| group["Targets"][0]["Id"].as_str() == Some(&arn)).map(|(name, _)| name)
}

/// What the HTTP API does not leave to the collector.
fn routes_of_the_http_api(template: &Yaml) -> Vec<&str> {
    let routes = resources(template, "AWS::ApiGatewayV2::Route").into_iter();
    let keys = routes.filter_map(|(_, route)| route["RouteKey"].as_str());
    keys.filter(|key| *key != "$default").collect()
}

/// Whether nobody gets a load balancer without a network, and none without TLS who did not ask.
fn parameters(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    let rules = template["Rules"].as_hash().into_iter().flatten();
    let of_alb = rules.filter(|(_, rule)| texts(&rule["RuleCondition"]) == ["FrontDoor", "Alb"]);
    let asserted: Vec<&Yaml> =
        of_alb.flat_map(|(_, rule)| rule["Assertions"].as_vec().into_iter().flatten()).collect();
    for name in PARAMETERS {
        let is_asserted = asserted.iter().any(|it| texts_below(&it["Assert"]).contains(&name));
        findings.extend(unless(is_asserted, name, "is not asked for"));
    }
    let clear = template["Parameters"]["AlbPlainHttp"]["Default"].as_str();
    findings.extend(unless(clear == Some("off"), "AlbPlainHttp", "is what nobody asked for"));
    findings
}

/// Every text in a tree.
fn texts_below(yaml: &Yaml) -> Vec<&str> {
    let in_hash = yaml.as_hash().into_iter().flatten().flat_map(|(_, value)| texts_below(value));
    let in_list = yaml.as_vec().into_iter().flatten().flat_map(texts_below);
    yaml.as_str().into_iter().chain(in_list).chain(in_hash).collect()
}

#[test]
fn every_front_door_has_its_address() {
    let template = template();
    let doors = texts(&template["Parameters"]["FrontDoor"]["AllowedValues"]);
    assert_eq!(doors, ["HttpApi", "FunctionUrl", "Alb"]);
    let shown = texts_below(&template["Outputs"]["CollectorUrl"]["Value"]).join(" ");
    for address in ["HttpApi.ApiEndpoint", "FunctionUrl.FunctionUrl", "${Alb.DNSName}"] {
        assert!(shown.contains(address), "{address}: {shown}");
    }
}

#[test]
fn every_door_that_leads_nowhere_is_found() {
    let text = read("template.yaml");
    for (right, wrong, expected) in [
        ("TargetType: lambda", "TargetType: ip", "is no function"),
        ("enabled, Value: 'true'", "enabled, Value: 'false'", "loses header lines that come twice"),
        ("HealthCheckEnabled: false", "HealthCheckEnabled: true", "is invoked for nothing"),
        (
            "    DependsOn: ServicePingAlbPermission\n",
            "",
            "may not invoke its function when it is made",
        ),
        (
            "Id: !GetAtt ServicePing.Arn",
            "Id: !GetAtt Collector.Arn",
            "does not lead to the function for pings",
        ),
        (
            "- {Type: forward, TargetGroupArn: !Ref CollectorTargets}",
            "- {Type: forward, TargetGroupArn: !Ref ServicePingTargets}",
            "does not lead to the collector",
        ),
        (
            "[HasAlbCertificate, HTTPS, HTTP]",
            "[HasHttpApi, HTTPS, HTTP]",
            "speaks HTTP with a certificate",
        ),
        ("/usage_ping_errors]", "/usage_ping_error]", "takes other paths than the HTTP API"),
        ("!Equals [!Ref AlbVpcId, '']", "!Equals [!Ref FrontDoor, '']", "is not asked for"),
    ] {
        assert!(text.contains(right), "{right}");
        let found = findings(&super::parse(&text.replace(right, wrong)));
        assert!(found.iter().any(|finding| finding.ends_with(expected)), "{wrong}: {found:?}");
    }
    let clear = text.replacen(
        "    AllowedValues: ['on', 'off']\n    Default: 'off'",
        "    Default: 'on'",
        1,
    );
    assert_ne!(clear, text);
    assert!(!findings(&super::parse(&clear)).is_empty());
}
