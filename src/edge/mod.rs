//! The way in: Kombo's deliveries, and the API for backends and operators. It knows no machine.

pub mod answer;
pub mod api;
pub mod act;
pub mod auth;
pub mod delivery;
pub mod health_cache;
pub mod intake_reporter;
pub mod route;
