//! How the chat looks and begins: the company's colour, the title above the chat and the greeting.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::KnowledgeError;
use crate::nlu::Lang;
use crate::platform::http::clean_text;

const TITLE_MAX_CHARS: usize = 60;
const GREETING_MAX_CHARS: usize = 500;
/// Least contrast of text (WCAG 2.2, 1.4.3, level AA).
const READABLE: f64 = 4.5;
/// The darkest ground of the light pages and the lightest of the dark ones, as in the pages' tokens.css.
const LIGHT_GROUND: Rgb = Rgb([0xe8, 0xed, 0xea]);
const DARK_GROUND: Rgb = Rgb([0x25, 0x2d, 0x2a]);
const BLACK: Rgb = Rgb([0; 3]);
const WHITE: Rgb = Rgb([255; 3]);

/// How the chat looks and begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
pub struct Widget {
    /// Of buttons and the visitor's own messages.
    pub colours: Colours,
    /// What stands above the chat and in its first bubble.
    pub texts: Texts,
}

/// The company's colours as `#rrggbb`; missing ones are chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
pub struct Colours {
    /// Of buttons and the visitor's own messages; without it the product's own.
    pub brand: Option<String>,
    /// Of the text on it, at a contrast of 4.5 : 1 or more; without it black or white, whichever reads better.
    pub on_brand: Option<String>,
}

/// Texts by language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the languages
pub struct Texts {
    pub pl: ChatTexts,
    pub en: ChatTexts,
    pub de: ChatTexts,
}

/// Texts of the chat in one language; both may hold placeholders like `{{ company }}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
pub struct ChatTexts {
    /// Above the chat, 60 characters at most; empty: the company's name.
    #[oai(default)]
    pub title: String,
    /// First bubble, 500 characters at most; empty: the assistant's own greeting.
    #[oai(default)]
    pub greeting: String,
}

impl Texts {
    /// The texts of `lang`.
    pub fn get(&self, lang: Lang) -> &ChatTexts {
        match lang {
            Lang::Pl => &self.pl,
            Lang::En => &self.en,
            Lang::De => &self.de,
        }
    }

    /// The same, to change them.
    pub(super) fn get_mut(&mut self, lang: Lang) -> &mut ChatTexts {
        match lang {
            Lang::Pl => &mut self.pl,
            Lang::En => &mut self.en,
            Lang::De => &mut self.de,
        }
    }
}

impl Widget {
    /// Cleans every text and checks the colours.
    ///
    /// Errors: a colour is not `#rrggbb`, text on it would not be readable, or a text is too long.
    pub fn checked(mut self) -> Result<Self, KnowledgeError> {
        let Colours { brand, on_brand } = &mut self.colours;
        for colour in [brand, on_brand].into_iter().flatten() {
            *colour = colour.trim().to_lowercase();
        }
        Palette::of(&self.colours)?;
        for lang in Lang::ALL {
            let texts = self.texts.get_mut(lang);
            clean("widget.texts.title", &mut texts.title, TITLE_MAX_CHARS)?;
            clean(
                "widget.texts.greeting",
                &mut texts.greeting,
                GREETING_MAX_CHARS,
            )?;
        }
        Ok(self)
    }
}

fn clean(field: &'static str, text: &mut String, max_chars: usize) -> Result<(), KnowledgeError> {
    if text.trim().is_empty() {
        text.clear();
        return Ok(());
    }
    *text = clean_text(text, max_chars)
        .map_err(|error| KnowledgeError::invalid(field, error.to_string()))?;
    Ok(())
}

/// A colour of the screen: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rgb([u8; 3]);

impl Rgb {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    fn css(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Relative luminance, 0 to 1, as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// `percent` of the way to `other`.
    fn towards(self, other: Self, percent: u16) -> Self {
        let mut mixed = self.0;
        for (own, other) in mixed.iter_mut().zip(other.0) {
            let sum = u16::from(*own) * (100 - percent) + u16::from(other) * percent;
            *own = (sum / 100) as u8;
        }
        Self(mixed)
    }

    /// The nearest shade of this colour that can be read on `ground`.
    fn readable_on(self, ground: Self) -> Self {
        let end = if ground.contrast(BLACK) > ground.contrast(WHITE) {
            BLACK
        } else {
            WHITE
        };
        (0..=100)
            .step_by(5)
            .map(|percent| self.towards(end, percent))
            .find(|shade| shade.contrast(ground) >= READABLE)
            .unwrap_or(end)
    }
}

/// The colours the pages are drawn in.
struct Palette {
    brand: Rgb,
    on_brand: Rgb,
}

impl Palette {
    /// The company's palette; `None` when it has no colour of its own.
    ///
    /// Errors: a colour is not `#rrggbb`, or the text's cannot be read on the brand's.
    fn of(colours: &Colours) -> Result<Option<Self>, KnowledgeError> {
        let parse = |field: &'static str, text: &Option<String>| {
            let parsed = text.as_deref().map(|text| {
                Rgb::parse(text).ok_or_else(|| {
                    KnowledgeError::invalid(field, "must be a colour like #1d4a42".into())
                })
            });
            parsed.transpose()
        };
        let brand = parse("widget.colours.brand", &colours.brand)?;
        let on_brand = parse("widget.colours.on_brand", &colours.on_brand)?;
        let Some(brand) = brand else {
            return match on_brand {
                None => Ok(None),
                Some(_) => Err(KnowledgeError::invalid(
                    "widget.colours.on_brand",
                    "needs a brand colour that it stands on".into(),
                )),
            };
        };
        let on_brand = on_brand.unwrap_or_else(|| {
            if brand.contrast(WHITE) >= brand.contrast(BLACK) {
                WHITE
            } else {
                BLACK
            }
        });
        if brand.contrast(on_brand) < READABLE {
            return Err(KnowledgeError::invalid(
                "widget.colours.on_brand",
                format!(
                    "has a contrast of {:.1} : 1 to the brand colour; text needs {READABLE} : 1",
                    brand.contrast(on_brand)
                ),
            ));
        }
        Ok(Some(Self { brand, on_brand }))
    }
}

/// The brand's colour and that of text on it as `#rrggbb`; `None` when the company has none of its own.
///
/// Errors: the colours do not pass [`Widget::checked`].
pub(super) fn brand(colours: &Colours) -> Result<Option<(String, String)>, KnowledgeError> {
    let palette = Palette::of(colours)?;
    Ok(palette.map(|palette| (palette.brand.css(), palette.on_brand.css())))
}

/// The style sheet that puts the company's colours over those of the pages; empty when it has none. `html:root` goes
/// before the pages' own `:root`, whichever is loaded first.
///
/// Errors: the colours do not pass [`Widget::checked`].
pub(super) fn theme_css(colours: &Colours) -> Result<String, KnowledgeError> {
    let Some(Palette { brand, on_brand }) = Palette::of(colours)? else {
        return Ok(String::new());
    };
    // Away from the text's colour, so that the text stays readable while the pointer is over the button.
    let away = if on_brand.luminance() > brand.luminance() {
        BLACK
    } else {
        WHITE
    };
    let strong = brand.towards(away, 20);
    let scheme = |ground: Rgb| {
        format!(
            "html:root{{--brand:{brand};--brand-strong:{strong};--on-brand:{on_brand};--own:{brand};\
             --on-own:{on_brand};--brand-text:{text}}}",
            brand = brand.css(),
            strong = strong.css(),
            on_brand = on_brand.css(),
            text = brand.readable_on(ground).css(),
        )
    };
    Ok(format!(
        "{}\n@media (prefers-color-scheme:dark){{{}}}\n",
        scheme(LIGHT_GROUND),
        scheme(DARK_GROUND)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn colours(brand: &str, on_brand: Option<&str>) -> Colours {
        Colours {
            brand: Some(brand.into()),
            on_brand: on_brand.map(str::to_owned),
        }
    }

    #[test]
    fn contrast_is_what_the_standard_computes() {
        let contrast = |a: &str, b: &str| Rgb::parse(a).unwrap().contrast(Rgb::parse(b).unwrap());
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.005);
    }

    #[test]
    fn colours_are_six_hexadecimal_digits() {
        for wrong in [
            "", "red", "#fff", "#12345g", "#1234567", "123456", "#+12345",
        ] {
            assert!(theme_css(&colours(wrong, None)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_text_colour_that_cannot_be_read_is_refused() {
        assert!(theme_css(&colours("#ffee00", Some("#ffffff"))).is_err());
        assert!(theme_css(&colours("#ffee00", Some("#222222"))).is_ok());
        let alone = Colours {
            brand: None,
            on_brand: Some("#ffffff".into()),
        };
        assert!(theme_css(&alone).is_err());
        assert_eq!(theme_css(&Colours::default()).unwrap(), "");
    }

    proptest! {
        #[test]
        fn every_brand_colour_gets_readable_text_on_it_and_a_readable_shade(rgb in any::<[u8; 3]>()) {
            let brand = Rgb(rgb);
            let palette = Palette::of(&colours(&brand.css(), None)).unwrap().unwrap();
            prop_assert!(palette.brand.contrast(palette.on_brand) >= READABLE);
            for ground in [LIGHT_GROUND, DARK_GROUND] {
                prop_assert!(brand.readable_on(ground).contrast(ground) >= READABLE);
            }
        }
    }
}
