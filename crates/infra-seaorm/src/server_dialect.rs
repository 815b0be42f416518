//! The dialect of a server, which is reached over a network.

/// Defines the dialect `$name` of a server: what `$statement` and `$connection` make of a driver's error, while a statement
/// is answered and while a connection is made.
///
/// A macro, because the drivers' error types are there only where a driver is.
#[macro_export]
macro_rules! server_dialect {
    ($(#[$doc:meta])* $name:ident, statement: $statement:path, connection: $connection:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum $name {
            /// When the process has never connected: a server that refuses it has other settings.
            AtStart,
            /// Later a server that refuses is being changed or set up again.
            Running,
        }

        impl $crate::Dialect for $name {
            fn fault(&self, error: &sea_orm::DbErr) -> $crate::Fault {
                use sea_orm::{DbErr, RuntimeErr};

                match error {
                    DbErr::ConnectionAcquire(_) => $crate::Fault::Unavailable,
                    DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                        $statement(error)
                    }
                    DbErr::Conn(RuntimeErr::SqlxError(error)) => match ($connection(error), self) {
                        ($crate::Fault::Other, Self::AtStart) => $crate::Fault::Other,
                        (_, Self::AtStart) if is_about_tls(error) => $crate::Fault::Other,
                        // No statement was sent yet, so none was broken off.
                        _ => $crate::Fault::Unavailable,
                    },
                    _ => $crate::Fault::Other,
                }
            }

            fn transaction(&self) -> sea_orm::TransactionOptions {
                // The isolation level is set once a connection: in here it would cost a round trip each time.
                sea_orm::TransactionOptions::default()
            }
        }

        /// What no waiting mends: the server has no TLS, or its certificate is another's.
        fn is_about_tls(error: &sea_orm::SqlxError) -> bool {
            match error {
                sea_orm::SqlxError::Tls(_) => true,
                sea_orm::SqlxError::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
                _ => false,
            }
        }
    };
}
