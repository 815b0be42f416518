//! The one table of error codes: what programs branch on, and what the pages under `/problems` explain.

use actix_web::http::StatusCode;

/// Declares the codes with everything that is said about each, so that no list can miss one.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:ident, $title:literal, $explanation:literal;)+) => {
        /// What went wrong, for programs. Codes are stable: a released one keeps its meaning and its status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the pages.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it stands in a problem's `code` and at the end of its `type`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The status that an answer with this code has.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// The problem's `title`: the same for every occurrence (RFC 9457 §3.1.3).
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What happened and what to do about it, for the person who reads the page of this code.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)+ }
            }
        }
    };
}

error_codes! {
    /// The body is not JSON that the service reads.
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not valid JSON",
        "The body could not be read as JSON (RFC 8259): it is cut off, has something behind its end, is not UTF-8, repeats a member \
         of an object, holds a number that is too large for JSON readers, or nests deeper than 32 levels. The detail names the \
         line and column where known. Correct the body; sending the same one again gives the same answer.";
    /// The path, the query string or a header is not well formed, or the body broke off.
    MalformedRequest = "malformed_request", BAD_REQUEST, "The request is malformed",
        "The path, the query string or a header is not well formed, the body broke off, or a browser asked for permission to send \
         what pages may not send. The detail says which. Paths may not contain empty segments (`//`), `.` or `..`, backslashes, \
         semicolons, or percent-encoded slashes, percent signs and control characters; percent-encoding must be complete and \
         decode to UTF-8. Nothing is guessed or cleaned up: correct the request.";
    /// The form asks for another kind of grant.
    UnsupportedGrantType = "unsupported_grant_type", BAD_REQUEST, "This kind of grant is not supported",
        "An OAuth 2 client asked for tokens in a way that this address does not offer (RFC 6749 §5.2). `POST /auth/login` takes \
         `grant_type=password`, `POST /auth/refresh` takes `grant_type=refresh_token`, and both take requests without it.";
    /// Nobody is signed in.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Authentication is required",
        "The request says nothing, or nothing that can be read, about who sends it. Sign in with `POST /auth/login` and send \
         the access token in exactly one header `Authorization: Bearer TOKEN`. Tokens in the URL or in a body are never read.";
    /// The name or the password is wrong.
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED, "Invalid credentials",
        "Nobody was signed in. The answer is the same for a name that nobody has, for a wrong password and for an account that is \
         deactivated or deleted, so that nobody can find out who has an account. Check both, with regard to upper and lower case \
         in the password; after several failures each further try has to wait. An administrator can help with a reset token \
         (`POST /users/{id}/reset-password`).";
    /// The access token is no longer good, but a new one can be had.
    TokenExpired = "token_expired", UNAUTHORIZED, "The access token has expired",
        "The access token was good, but its time is over, or the rights of its user have changed since. Get a new one with \
         `POST /auth/refresh` and send the request again; sign in again if that fails.";
    /// The token is not one of ours, or its session has ended.
    TokenInvalid = "token_invalid", UNAUTHORIZED, "The token is invalid",
        "The token was not given out by this service, was changed on its way, was spent already (refresh tokens are good once), or \
         belongs to a session that has ended: somebody signed out, changed the password, or ended the session, or the account \
         was deactivated or deleted. Also a key that signs tokens may have been replaced: refresh once, and sign in again with \
         `POST /auth/login` where that is refused too.";
    /// The password must be changed first.
    PasswordChangeRequired = "password_change_required", FORBIDDEN, "The password must be changed first",
        "Whoever made or imported this account wants its owner to choose a password of their own. Until then only reading \
         `/auth/me`, `POST /auth/change-password` and `POST /auth/logout` are answered. Change the password, and go on with the same \
         tokens.";
    /// The current password is missing or wrong.
    CurrentPasswordWrong = "current_password_wrong", FORBIDDEN, "The current password is missing or wrong",
        "Whoever changes their own password, email address or username must send their `current_password` beside it, so that a \
         stolen token is not enough to take the account over. Failures count as failed sign-ins. Send the current password, or \
         ask an administrator for a reset token.";
    /// People may not make accounts for themselves here.
    RegistrationDisabled = "registration_disabled", FORBIDDEN, "Registration is switched off",
        "People may not make accounts for themselves here. Ask an administrator for one; an operator can switch registration on \
         with `ALLOW_REGISTRATION=true`.";
    /// The caller may not do this.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed",
        "The caller is known but is not allowed to do this, or tried to change a member that is not theirs to change. Ask an \
         administrator, or leave the member out.";
    /// The page that sent the request is of another origin.
    ForbiddenOrigin = "forbidden_origin", FORBIDDEN, "This origin is not allowed",
        "The request comes from a page of another origin. A form is taken from the service's own pages and from those of an origin \
         in `CORS_ORIGINS` alone: otherwise any page could have its visitors fail to sign in under somebody's name. While the service \
         runs without authentication (`AUTH_REQUIRED=false`) the same holds for every request, since any page could use it in its \
         visitors' name. Another port of the same machine is another origin. Add the page's origin to `CORS_ORIGINS`.";
    /// The request names a host that this service does not answer to.
    ForbiddenHost = "forbidden_host", FORBIDDEN, "This host name is not allowed",
        "The service runs without authentication (`AUTH_REQUIRED=false`), so it only answers to loopback names and to those in \
         `ALLOWED_HOSTS`: otherwise a foreign name that resolves to this machine could be used to get in. Add the name that \
         clients use to `ALLOWED_HOSTS`, or switch authentication on.";
    /// There is no such user, or none that the caller may know of.
    UserNotFound = "user_not_found", NOT_FOUND, "User not found",
        "No user has this id, the user has been deleted, or the caller may not know of them. Check the id; a deleted user can be \
         seen with `?deleted=true` and brought back with `POST /users/{id}/restore`.";
    /// There is no such session, or it is somebody else's.
    SessionNotFound = "session_not_found", NOT_FOUND, "Session not found",
        "The user has no live session of this id: it ended, was revoked already, or belongs to somebody else. The sessions there \
         are stand in `GET /auth/sessions`, and those of others in `GET /users/{id}/sessions`.";
    /// Nothing is served under this path.
    NotFound = "not_found", NOT_FOUND, "Nothing is here",
        "No resource has this path. The paths that exist are listed in `/openapi.json` and at `/docs`.";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "This method is not allowed here",
        "The path exists but does not take this method. The `Allow` header lists those that it takes.";
    /// The request took too long to arrive.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long to arrive",
        "The whole request must have arrived within 30 seconds. Nothing was changed. Send it again, over a better connection or \
         with a smaller body.";
    /// Another user has this name.
    UsernameTaken = "username_taken", CONFLICT, "Username already exists",
        "Another user has this username. Names are compared without regard to case and width, so `Ann` and `ANN` are one name. \
         Choose another one.";
    /// Another user has this address.
    EmailTaken = "email_taken", CONFLICT, "Email already exists",
        "Another user has this email address. Addresses are compared without regard to case. Use another one, or look for the \
         user who has it with `GET /users?email=`.";
    /// Another user has this external id.
    ExternalIdTaken = "external_id_taken", CONFLICT, "External id already exists",
        "Another user has this `external_id`. It links a user to a record in another system and belongs to one user at a time.";
    /// The last one who can administer would be gone.
    LastAdministrator = "last_administrator", CONFLICT, "The last administrator must stay",
        "This would delete, deactivate or demote the last active administrator, and nobody could undo it. Make another user an \
         administrator first.";
    /// The same request is being carried out.
    RequestInProgress = "request_in_progress", CONFLICT, "The request is still running",
        "A request with this `Idempotency-Key` is being carried out, or was broken off less than a minute ago. Nothing was changed by \
         this one. Send the same request again after the number of seconds in `Retry-After`: it is answered like the first one, \
         or carried out if nothing came of that.";
    /// `If-Match` names another version.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "The user has changed meanwhile",
        "The `If-Match` header does not name the current version: somebody else changed the user since it was read. Nothing was \
         changed. Read the user again, look at what is different, and send the change with the new `ETag`.";
    /// The body is too large.
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "The body is too large",
        "A JSON body may have at most 64 KiB, that of `POST /users/bulk` 4 MiB. Send less, for example by moving large values out of the metadata.";
    /// The URL is too long.
    UriTooLong = "uri_too_long", URI_TOO_LONG, "The URL is too long",
        "A URL may have at most 8 KiB, query string included. Use fewer or shorter query parameters.";
    /// The body is of a type or an encoding that is not read.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body's type is not supported",
        "A body must be `Content-Type: application/json` (a PATCH may also be `application/merge-patch+json`, signing in and \
         refreshing also `application/x-www-form-urlencoded`), in UTF-8 and without a `Content-Encoding`. Set the header to what the body is.";
    /// A value breaks a rule.
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "A value is wrong",
        "The request is well formed but at least one value breaks a rule. Each entry of `errors` names one: `pointer` says where (a \
         JSON pointer into the body, or the bare name of a parameter of the query or the path), `code` says which rule, `detail` \
         says it in words. All that could be found at once are listed. Nothing was changed.";
    /// The key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request",
        "The caller sent another request with this `Idempotency-Key` within the last day: of another method, path, query, `If-Match` \
         or body, or while they had another role. Nothing was changed. Use a new key for each request, and the same one only to \
         send the very same request again.";
    /// The reset token is not good.
    ResetTokenInvalid = "reset_token_invalid", UNPROCESSABLE_ENTITY, "The reset token is invalid",
        "The token was never given out, was used already (each is good once), was replaced by a newer one, is older than an hour, or \
         its user has another password since or is gone. The password was not changed. Ask an administrator for a new token (`POST /users/{id}/reset-password`).";
    /// `If-Match` is missing.
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "An If-Match header is required",
        "This service asks that changes name the version that they are based on (`REQUIRE_IF_MATCH=true`), so that nobody \
         overwrites a change they have not seen. Read the user and send its `ETag` in `If-Match`.";
    /// The caller asked too often.
    TooManyRequests = "too_many_requests", TOO_MANY_REQUESTS, "Too many requests",
        "The caller has used up what they may ask for in this time. `RateLimit-Policy` names the limit (`q` requests in `w` \
         seconds), `RateLimit` says how many are left (`r`) and in how many seconds all are free again (`t`). Nothing was changed: \
         send the request again after the number of seconds in `Retry-After`. Operators set the limits with `RATE_LIMIT_AUTH`, \
         `RATE_LIMIT_READ` and `RATE_LIMIT_WRITE`.";
    /// Too many wrong passwords.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Too many failed attempts",
        "Too many wrong passwords came for this name, so the next try has to wait, and the wait grows with each failure up to 15 \
         minutes. This try was not looked at, so a right password was not found right either, and it is the same for names that \
         nobody has. Try again after the number of seconds in `Retry-After`; an administrator can end the wait with \
         `POST /users/{id}/unlock`.";
    /// The head of the request is too large.
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's headers are too large",
        "The request line and all headers together may have at most 16 KiB. Large cookies are the usual cause: the service needs \
         none.";
    /// A fault of the service.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong",
        "The service met a fault of its own. What happened is in its log under the `request_id` of this answer, never in the answer \
         itself. Whether a change was made is not known: read before trying again, and pass the request id on to whoever runs the \
         service.";
    /// The service cannot answer now.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service cannot answer now",
        "Something that the service needs, most often its database, is away or overloaded. Nothing is wrong with the request: send \
         it again after the number of seconds in `Retry-After`. Nothing was changed, unless the detail says that a change may have \
         been made: then read before trying again.";
}

impl ErrorCode {
    /// The code with this text, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// The code for an error answer of the framework, of which only the status is known.
    pub fn of_framework(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadersTooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            other if other.is_server_error() => Self::Internal,
            _ => Self::MalformedRequest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_text_and_no_text_stands_twice() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn every_code_is_an_error_and_is_explained() {
        for code in ErrorCode::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
            assert!(code.explanation().len() > 80, "{code:?} needs a page that helps");
        }
    }

    #[test]
    fn an_unknown_framework_error_keeps_its_side() {
        assert_eq!(ErrorCode::of_framework(StatusCode::EXPECTATION_FAILED), ErrorCode::MalformedRequest);
        assert_eq!(ErrorCode::of_framework(StatusCode::BAD_GATEWAY), ErrorCode::Internal);
    }
}
