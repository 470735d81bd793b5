// A form with the fields of an event that can be changed.

import { CUSTOMERS } from "./customers.mjs";

const TEXTS = [
  { field: "originId", label: "Customer (origin id)", placeholder: "none" },
  { field: "organization", label: "Organization", placeholder: "none" },
  { field: "email", label: "Contact", placeholder: "none" },
  { field: "tool", label: "Tool", placeholder: "none" },
  { field: "integrationId", label: "Integration id", placeholder: "one for customer and tool" },
];

const CHOICES = [
  { field: "category", label: "Category", of: ["HRIS", "ATS", "ASSESSMENT", "LMS"] },
  { field: "state", label: "State", of: ["ACTIVE", "INVALID", "INACTIVE"] },
  { field: "setupStatus", label: "Setup", of: ["COMPLETED", "INCOMPLETE", "FINAL_SYNC_PENDING"] },
  { field: "change", label: "Issue", of: ["raised", "resolved"] },
];

// Changing one of these clears the integration's id, since it would be another integration at Kombo.
const CUSTOMER_FIELDS = ["originId", "organization", "email", "tool"];

export function Fields({ event: { fields }, entered, enter }) {
  const has = ({ field }) => field in fields;
  const change = (field, value) =>
    enter({
      ...entered,
      ...(CUSTOMER_FIELDS.includes(field) && { integrationId: "" }),
      [field]: value,
    });
  return (
    <fieldset className="fields">
      <legend className="unseen">Fields</legend>
      {"originId" in fields && (
        <Customers chosen={entered.originId} choose={(one) => enter({ ...entered, ...one })} />
      )}
      {TEXTS.filter(has).map(({ field, label, placeholder }) => (
        <label key={field} className={field}>
          {label}
          <input
            type="text"
            autoComplete="off"
            spellCheck={false}
            placeholder={placeholder}
            value={entered[field] ?? ""}
            onChange={({ target }) => change(field, target.value)}
          />
        </label>
      ))}
      {CHOICES.filter(has).map(({ field, label, of }) => (
        <label key={field}>
          {label}
          <select
            value={entered[field] ?? fields[field]}
            onChange={({ target }) => change(field, target.value)}
          >
            {of.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  );
}

function Customers({ chosen, choose }) {
  const at = CUSTOMERS.findIndex(({ originId }) => originId === chosen);
  const next = CUSTOMERS[(at + 1) % CUSTOMERS.length];
  return (
    <button
      type="button"
      className="another"
      onClick={() => choose({ ...next, integrationId: "" })}
    >
      Another customer
    </button>
  );
}
