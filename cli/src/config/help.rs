//! What `--help` shows.

/// What `--help` shows.
pub(crate) const HELP: &str = "\
The Whiteout pipeline on a laptop, and its tools.

Usage: whiteout local [--port N] [--data-dir DIR | --ephemeral] [--policy POLICY] [--key-file FILE]
                      [--iglu RESOLVER|DIR]... [--enrichments DIR] [--collector-config FILE]
                      [--set VARIABLE=VALUE]... [--batching SECONDS] [options of Snowplow Micro]
       whiteout enrich --format jsonl|thrift [--iglu RESOLVER|DIR]... [--enrichments DIR]
                       [--output json|tsv]
       whiteout iglu lint DIR
       whiteout iglu pull RESOLVER DIR [URI...]
       whiteout pseudonymize --kind enriched|enriched-bad|raw-bad --key-file FILE [--policy POLICY]
                             [--recipient age1...]... [--summary]
       whiteout policy lint POLICY [--iglu RESOLVER|DIR]... [--sample FILE]...
                             [--format text|json|sarif]
       whiteout policy diff OLD NEW [--format text|json]
       whiteout policy explain POLICY [--key-file FILE] [--format text|json]
       whiteout key new [FILE] [--add | --identity]
       whiteout key check FILE
       whiteout classify [--iglu RESOLVER|DIR]... [--rules FILE] [--summary]
       whiteout sql [--data-dir DIR] [--space NAME] [--format table|csv|json] [QUERY]
       whiteout export [--data-dir DIR] [--space NAME] [--format csv|parquet] TABLE_OR_QUERY FILE
       whiteout recover RECIPE [--dry-run] [--identity FILE]... [--pseudonymized]
                             [--output thrift|jsonl] [--iglu RESOLVER|DIR]... [--rules FILE]
       whiteout cost [--events-per-month N] [--rates FILE] [--set NAME=VALUE]... [--json]

Commands:
  local    the whole pipeline in one process on 127.0.0.1, with a page, SQL and Micro's API
  enrich   turn collector payloads on standard input into enriched events on standard output
  iglu     lint checks a registry's folder: layout, self-description, draft 4, gaps between
           versions; pull mirrors schemas, or all that a server lists, into a folder
  pseudonymize
           treat lines on standard input as a policy wants it, one line out for each line in
  policy   lint finds what a policy forgets or shows too much of; diff says what a change exposes;
           explain says what becomes of each value of the events on standard input
  key      new makes a key for pseudonyms, --add one more in a file that has some, --identity a pair
           of keys for sealed originals; check tells what a file of keys holds, without the keys
  classify say of each bad event on standard input what it is, whose it is and what to do
  sql      ask the local pipeline's warehouse; the query may come on standard input
  export   write a table, a view or what a query finds into a file
  recover  turn bad events on standard input back into collector payloads, changed as a recipe says
  cost     what a month costs in AWS, by the model of docs/COST.md

Options of enrich:
  --format jsonl|thrift     one JSON object, or one payload in base64, on each line
  --iglu RESOLVER|DIR       a resolver configuration, or a registry's folder; may be repeated
  --enrichments DIR         a folder of Snowplow's configuration files of enrichments
  --output json|tsv         an object with \"good\" or \"bad\" on each line (default), or rows, with
                            bad events on standard error

Options of pseudonymize and policy:
  POLICY, --policy POLICY   a file, or gitlab or strict: the policies that come with the command
                            (--policy is gitlab by default)
  --kind KIND               what the lines are: enriched rows, bad events of the enricher
                            (enriched-bad) or of the collector (raw-bad)
  --key-file FILE           keys as `whiteout key new` writes them; explain makes one up without it
  --recipient age1...       seals the original into bad events and quarantined lines; may be repeated
  --summary                 one line with counts on standard error at the end
  --iglu RESOLVER|DIR       schemas beside the embedded ones; may be repeated
  --sample FILE             rows or bad events to try the policy on; may be repeated
  --format text|json|sarif  how to print (default text); sarif is for lint alone

Options of classify:
  --iglu RESOLVER|DIR       schemas beside the embedded ones; may be repeated
  --rules FILE              rules that come before the built-in ones, owners, applications and hosts
  --summary                 a table of all lines together in place of one line for each

Options of sql and export:
  --data-dir DIR            the local pipeline's folder (default whiteout-data)
  --format table|csv|json   how sql prints (default table)
  --format csv|parquet      what export writes (default: as the file's name ends, else csv)

Options of recover:
  --dry-run                 say what would become of each line, with values, in place of payloads
  --identity FILE           an age identity that opens sealed originals; may be repeated
  --pseudonymized           take payloads that hold pseudonyms, where no original is to be had
  --output thrift|jsonl     payloads as the raw stream holds them, in base64 (default), or as JSON
  --iglu, --rules           as for classify, by which recipes choose

Options of cost:
  --events-per-month N      the load; as --set events=N
  --rates FILE              inputs that differ from those that come with the command
  --set NAME=VALUE          one input; may be repeated, wins over the file
  --json                    inputs, what is derived from them, and costs

Options of local:
  --port N                  the port; 0 takes a free one (default 9090)
  --bind ADDRESS            the address that is listened on (default 127.0.0.1)
  --data-dir DIR            where everything is kept (default whiteout-data)
  --ephemeral               keep nothing
  --policy POLICY           a file, or a policy that comes with the command (default gitlab)
  --key-file FILE           keys of the pseudonyms (default: key in the data directory, made there)
  --iglu RESOLVER|DIR       schemas beside the embedded ones; may be repeated
  --enrichments DIR         Snowplow's enrichment configurations
  --batching SECONDS        deliver when 1 MB waits or a record is so old, in place of at once
  --collector-config FILE   Snowplow's HOCON configuration of the collector
  --set VARIABLE=VALUE      one variable of the collector, see its README
  -Dkey=value               one key of the configuration file
  --micro-api 3|4           which generation of Snowplow Micro's API is spoken (default 4)
  -t, --output-tsv, -j, --output-json
                            each good or incomplete event as a line on standard output
  -d, --destination URL     such lines are posted there in place of standard output
  --log-events              a line for each event on standard error, without payload
  --no-storage              answer 404 under /micro, and keep nothing on disk
  -h, --help                this text
  --version                 the version";
