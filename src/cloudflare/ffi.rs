//! Platform functions that the `worker` crate does not bind, each with the reason for using it.

use wasm_bindgen::prelude::*;
use worker::js_sys::Promise;
use worker::{ObjectNamespace, Result, Storage};

#[wasm_bindgen]
extern "C" {
    /// The storage of an object, for [`transaction_sync`].
    type SyncStorage;

    /// Workers-rs only binds `transaction` (issue 486), which is asynchronous: messages that arrive
    /// in the meantime would see half a commit.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &SyncStorage,
        run: &mut dyn FnMut() -> core::result::Result<JsValue, JsValue>,
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
