//! /api/upload: pictures in.

use poem::http::StatusCode;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Multipart, Object, OpenApi};

use super::form::{FormText, SentPicture};
use super::key::UploadKey;
use super::model::{Access, NewUpload, Upload};
use super::rules::{Folder, clean_file_name};
use super::service::{Uploads, Which};
use super::store::ListFilter;
use super::views::UploadView;
use super::{Section, UploadError};
use crate::chat::Chat;
use crate::platform::http::{Agent, Caller, IdempotencyKey, PageRequest, Problem};

/// Most files of one request.
pub const FILES_MAX: usize = 10;
/// Where files are served; deletions may name them so.
const SERVED_UNDER: &str = "/uploads/";

/// The endpoints.
pub struct UploadsApi {
    /// Takes them.
    pub uploads: Uploads,
    /// Knows sessions.
    pub chat: Chat,
}

#[derive(Multipart)]
struct ImageForm {
    /// PNG, JPEG, GIF or WebP, 10 MB at most.
    file: SentPicture,
    /// `general` unless told: one to three parts of letters, digits, `_` and `-`.
    folder: Option<FormText>,
    /// `true` unless told: also thumbnail, medium and large.
    variants: Option<FormText>,
    /// Of a visitor; without one a session is opened.
    session_id: Option<FormText>,
}

#[derive(Multipart)]
struct ManyForm {
    /// 1 to 10 pictures.
    #[oai(rename = "files[]")]
    files: Vec<SentPicture>,
    /// As for one.
    folder: Option<FormText>,
    /// As for one.
    variants: Option<FormText>,
    /// As for one.
    session_id: Option<FormText>,
}

#[derive(Debug, Object)]
struct UploadAnswer {
    success: bool,
    message: String,
    data: UploadView,
}

/// What came of one of several files.
#[derive(Debug, Object)]
struct OneOfMany {
    filename: String,
    success: bool,
    data: Option<UploadView>,
    /// Why it was not taken.
    error: Option<String>,
    code: Option<String>,
}

#[derive(Debug, Object)]
struct ManyAnswer {
    success: bool,
    message: String,
    results: Vec<OneOfMany>,
}

#[derive(Debug, Object)]
#[oai(example)]
struct DeleteRequest {
    /// The address of any of its files.
    filepath: Option<String>,
    /// Or its number.
    id: Option<i64>,
}

impl Example for DeleteRequest {
    fn example() -> Self {
        Self {
            filepath: None,
            id: Some(17),
        }
    }
}

#[derive(Debug, Object)]
struct RemovalAnswer {
    success: bool,
    message: String,
}

#[derive(Debug, Object)]
struct UploadList {
    success: bool,
    uploads: Vec<UploadView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[OpenApi(prefix_path = "/api/upload", tag = "Section::Uploads")]
impl UploadsApi {
    /// Send a picture. It is turned upright, freed of everything but its pixels, and encoded anew.
    #[oai(path = "/image", method = "post", operation_id = "upload_image")]
    async fn image(
        &self,
        caller: Caller,
        /// A repeat with the same key and the same picture gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        form: ImageForm,
    ) -> Result<Json<UploadAnswer>, Problem> {
        let mut new = self.new_upload(&caller, form.folder, form.variants, form.session_id)?;
        new.once = Some(key);
        let upload = self.uploads.take(form.file, new).await?;
        Ok(Json(UploadAnswer {
            success: true,
            message: "The picture is stored.".into(),
            data: UploadView::from(&upload),
        }))
    }

    /// Send up to ten pictures. Each is taken or refused by itself; if none is taken, `details` says why for each.
    #[oai(path = "/multiple", method = "post", operation_id = "upload_images")]
    async fn multiple(
        &self,
        caller: Caller,
        /// A repeat with the same key and the same pictures gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        form: ManyForm,
    ) -> Result<Json<ManyAnswer>, Problem> {
        if form.files.is_empty() || form.files.len() > FILES_MAX {
            let why = "must be 1 to 10 files";
            return Err(Problem::field("too_many_files", "files[]", why));
        }
        let mut new = self.new_upload(&caller, form.folder, form.variants, form.session_id)?;
        let mut results = Vec::with_capacity(form.files.len());
        for (number, file) in form.files.into_iter().enumerate() {
            new.once = Some(key.numbered(number));
            let filename = clean_file_name(file.name().unwrap_or_default());
            let taken = self.uploads.take(file, new.clone()).await;
            results.push(one_of_many(filename, taken));
        }
        let stored = results.iter().filter(|result| result.success).count();
        if stored == 0 {
            return Err(none_taken(&results));
        }
        Ok(Json(ManyAnswer {
            success: true,
            message: format!("{stored} of {} pictures are stored.", results.len()),
            results,
        }))
    }

    /// Remove a picture with all its files.
    #[oai(path = "/delete", method = "post", operation_id = "delete_upload")]
    async fn delete(
        &self,
        _by: Agent,
        body: Json<DeleteRequest>,
    ) -> Result<Json<RemovalAnswer>, Problem> {
        let which = match (body.0.id, body.0.filepath) {
            (Some(id), None) => Which::Id(id),
            (None, Some(path)) => Which::Key(key_of(&path).ok_or(UploadError::NotFound)?),
            _ => return Err(UploadError::Field("id", "give either id or filepath").into()),
        };
        self.uploads.delete(which).await?;
        Ok(Json(RemovalAnswer {
            success: true,
            message: "The picture is removed.".into(),
        }))
    }

    /// Pictures, the newest first.
    #[oai(path = "/list", method = "get", operation_id = "list_uploads")]
    async fn list(
        &self,
        _by: Agent,
        /// Only those in this folder.
        folder: Query<Option<String>>,
        /// Only those of this visitor.
        session_id: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<UploadList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let filter = ListFilter {
            folder: folder.0,
            session_id: session_id.0,
        };
        let (uploads, total) = self
            .uploads
            .list(filter, page.limit(), page.offset())
            .await?;
        let info = page.info(total);
        Ok(Json(UploadList {
            success: true,
            uploads: uploads.iter().map(UploadView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }
}

impl UploadsApi {
    fn new_upload(
        &self,
        caller: &Caller,
        folder: Option<FormText>,
        variants: Option<FormText>,
        session_id: Option<FormText>,
    ) -> Result<NewUpload, Problem> {
        let session_id = match session_id {
            Some(text) => Some(self.chat.session(text.0.trim())?.to_string()),
            None if caller.is_agent() => None,
            None => Some(self.chat.mint()?.to_string()),
        };
        Ok(NewUpload {
            session_id,
            is_teams: caller.is_agent(),
            access: Access::Public,
            folder: folder
                .map(|text| Folder::parse(text.0.trim()))
                .transpose()
                .map_err(UploadError::from)?
                .unwrap_or_default(),
            file_name: None,
            content_type: None,
            has_variants: variants.map_or(Ok(true), |text| truth(text.0.trim()))?,
            once: None,
        })
    }
}

fn truth(text: &str) -> Result<bool, UploadError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(UploadError::Field("variants", "must be true or false")),
    }
}

/// The key in an address: whole, of the root, or the key alone. Nothing of it is ever a path on a disk.
fn key_of(filepath: &str) -> Option<UploadKey> {
    let key = filepath
        .split_once(SERVED_UNDER)
        .map_or(filepath, |(_, key)| key);
    key.parse().ok()
}

fn one_of_many(filename: String, taken: Result<Upload, UploadError>) -> OneOfMany {
    let refused = |problem: Problem| OneOfMany {
        filename: filename.clone(),
        success: false,
        data: None,
        error: Some(problem.sentence().to_owned()),
        code: Some(problem.code().to_owned()),
    };
    match taken {
        Ok(upload) => OneOfMany {
            success: true,
            data: Some(UploadView::from(&upload)),
            error: None,
            code: None,
            filename,
        },
        Err(error) => refused(error.into()),
    }
}

fn none_taken(results: &[OneOfMany]) -> Problem {
    let problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "no_picture_taken",
        "None of the pictures was taken.",
    );
    results
        .iter()
        .enumerate()
        .fold(problem, |problem, (at, result)| {
            let why = result.error.as_deref().unwrap_or_default();
            problem.with_detail(&format!("files[{at}]"), why)
        })
}
