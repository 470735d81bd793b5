//! Platform functions that the `worker` crate does not bind, each with the reason for using it.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use worker::js_sys::{JSON, Promise};
use worker::{ObjectNamespace, Result, Storage};

use crate::domain::json::to_json;

#[wasm_bindgen]
extern "C" {
    /// The storage of an object, for [`transaction_sync`] and [`key_values`].
    type SyncStorage;

    /// Workers-rs only binds `transaction` (issue 486), which is asynchronous: messages that arrive
    /// in the meantime would see half a commit.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &SyncStorage,
        run: &mut dyn FnMut() -> core::result::Result<JsValue, JsValue>,
    ) -> core::result::Result<JsValue, JsValue>;

    /// Workers-rs only binds the asynchronous key-value storage: during each call other messages
    /// would be handled. There is no open issue about it.
    #[wasm_bindgen(method, getter)]
    fn kv(this: &SyncStorage) -> KeyValues;

    /// The synchronous key-value storage of an object.
    pub(super) type KeyValues;

    /// A value; undefined if there is none.
    #[wasm_bindgen(method, catch)]
    pub(super) fn get(this: &KeyValues, key: &str) -> core::result::Result<JsValue, JsValue>;

    /// Writes a value.
    #[wasm_bindgen(method, catch)]
    pub(super) fn put(
        this: &KeyValues,
        key: &str,
        value: &str,
    ) -> core::result::Result<(), JsValue>;

    /// Removes a value. Returns whether there was one.
    #[wasm_bindgen(method, catch)]
    pub(super) fn delete(this: &KeyValues, key: &str) -> core::result::Result<bool, JsValue>;

    /// Keys with their values, as an iterable of pairs; see [`ListOptions`].
    #[wasm_bindgen(method, catch)]
    pub(super) fn list(
        this: &KeyValues,
        options: &JsValue,
    ) -> core::result::Result<JsValue, JsValue>;

    /// The objects of a class, for [`in_jurisdiction`].
    type JurisdictionNamespace;

    /// Workers-rs supports jurisdictions only for new random ids, but these objects are found by
    /// name. There is no open issue about it.
    #[wasm_bindgen(method, catch)]
    fn jurisdiction(
        this: &JurisdictionNamespace,
        name: &str,
    ) -> core::result::Result<JsValue, JsValue>;

    /// An object as others call it. Workers-rs only calls objects by `fetch` (pull request 726),
    /// which costs an additional request and response.
    pub(super) type ObjectRpc;

    /// Gives an object a message. Resolves to its reply as JSON, or to undefined if it cannot
    /// read the message.
    #[wasm_bindgen(method, catch)]
    pub(super) fn handle(this: &ObjectRpc, message: &str)
    -> core::result::Result<Promise, JsValue>;
}

/// Which keys to list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListOptions<'a> {
    pub(super) prefix: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<u32>,
}

impl ListOptions<'_> {
    /// The options as the platform takes them.
    pub(super) fn to_js(&self) -> Result<JsValue> {
        Ok(JSON::parse(&to_json(self))?)
    }
}

/// The key-value storage of an object.
pub(super) fn key_values(storage: &Storage) -> KeyValues {
    let storage: &JsValue = storage.as_raw().as_ref();
    storage.unchecked_ref::<SyncStorage>().kv()
}

/// Runs statements in one transaction: all of them, or none.
pub(super) fn transaction_sync(
    storage: &Storage,
    mut run: impl FnMut() -> Result<()>,
) -> Result<()> {
    let storage: &JsValue = storage.as_raw().as_ref();
    storage
        .unchecked_ref::<SyncStorage>()
        .transaction_sync(&mut || Ok(run().map(|()| JsValue::UNDEFINED)?))?;
    Ok(())
}

/// The objects of a namespace that live in a jurisdiction.
pub(super) fn in_jurisdiction(objects: &ObjectNamespace, name: &str) -> Result<ObjectNamespace> {
    let objects: &JsValue = objects.as_ref();
    let within = objects
        .unchecked_ref::<JurisdictionNamespace>()
        .jurisdiction(name)?;
    Ok(within.unchecked_into())
}
