//! `novahouse config`: every setting with its value, source, default and meaning; secrets stay hidden.

use std::io::{self, Write};

use crate::config::{Config, ConfigError, Fallback, Flags, Resolved};

/// Prints every setting to standard output, as a table or, with `json`, as one JSON object
/// `{settings, warnings, fallbacks}`. Warnings of the table form go to standard error.
///
/// * Errors: those of [`Config::load`], and an output that cannot be written. A reader that went away
///   (`novahouse config | head`) is none.
pub fn run(flags: &Flags, json: bool) -> Result<(), ConfigError> {
    let (config, settings) = Config::load_resolved(flags)?;
    let text = if json {
        as_json(&config, &settings).map_err(|e| ConfigError::Print(e.into()))?
    } else {
        for warning in &config.warnings {
            eprintln!("warning: {warning}");
        }
        as_table(&settings, &config.fallbacks)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(ConfigError::Print(e)),
        _ => Ok(()),
    }
}

fn as_json(config: &Config, settings: &[Resolved]) -> Result<String, serde_json::Error> {
    let all = serde_json::json!({
        "settings": settings,
        "warnings": config.warnings,
        "fallbacks": config.fallbacks,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

/// Columns as wide as their widest cell; the last one, the meaning, is free.
fn as_table(settings: &[Resolved], fallbacks: &[Fallback]) -> String {
    let mut rows = vec![["SETTING", "VALUE", "SOURCE", "DEFAULT", "MEANING"].map(str::to_owned)];
    rows.extend(settings.iter().map(cells));
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut lines: Vec<String> = rows.iter().map(|row| line(row, &widths)).collect();
    for fallback in fallbacks {
        lines.push(format!("fallback of {}: {}", fallback.what, fallback.why));
    }
    lines.join("\n") + "\n"
}

fn line(row: &[String; 5], widths: &[usize; 4]) -> String {
    let [name, value, source, default, meaning] = row;
    let [a, b, c, d] = *widths;
    format!("{name:a$}  {value:b$}  {source:c$}  {default:d$}  {meaning}")
}

fn cells(setting: &Resolved) -> [String; 5] {
    let or_dash = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
    let meaning = match setting.unit {
        "" => setting.meaning.to_owned(),
        unit => format!("{} [{unit}]", setting.meaning),
    };
    [
        setting.name.to_owned(),
        or_dash(&setting.value),
        setting.source.to_string(),
        or_dash(&setting.default),
        meaning,
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn settings(env: &[(&str, &str)]) -> (Config, Vec<Resolved>) {
        let env: BTreeMap<String, String> = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::resolve(&Flags::default(), &env, None).unwrap()
    }

    #[test]
    fn the_table_has_a_line_for_each_setting_with_value_source_default_and_meaning() {
        let (config, all) = settings(&[("PORT", "9000")]);
        let table = as_table(&all, &config.fallbacks);
        assert_eq!(table.lines().count(), all.len() + 1);
        let listen = table
            .lines()
            .find(|line| line.starts_with("listen "))
            .unwrap();
        let words: Vec<&str> = listen.split_whitespace().take(5).collect();
        assert_eq!(
            words,
            [
                "listen",
                "0.0.0.0:9000",
                "environment",
                "PORT",
                "0.0.0.0:8080"
            ]
        );
        assert!(listen.ends_with('.'), "no meaning: {listen}");
    }

    #[test]
    fn neither_form_shows_a_secret() {
        let (config, all) = settings(&[
            ("ADMIN_API_KEY", "hush-admin"),
            ("REDIS_URL", "redis://:hush@host/0"),
        ]);
        for text in [
            as_table(&all, &config.fallbacks),
            as_json(&config, &all).unwrap(),
        ] {
            assert!(!text.contains("hush"), "{text}");
            assert!(text.contains("(set)"), "{text}");
        }
    }

    #[test]
    fn json_names_the_variable_a_value_came_from() {
        let (config, all) = settings(&[("SMTP_PORT", "25")]);
        let json: serde_json::Value =
            serde_json::from_str(&as_json(&config, &all).unwrap()).unwrap();
        let smtp_port = json["settings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|setting| setting["name"] == "smtp_port")
            .unwrap();
        assert_eq!(smtp_port["value"], "25");
        assert_eq!(smtp_port["source"]["kind"], "environment");
        assert_eq!(smtp_port["source"]["variable"], "SMTP_PORT");
    }
}
