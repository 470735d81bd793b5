// Copies the new link. Without this, the link can be selected and copied by hand.
const [link, button, copied] = ["link", "copy", "copied"].map((id) => document.getElementById(id));
if (link && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.value);
      copied.textContent = "Copied.";
    } catch {
      link.select();
      copied.textContent = "Select the link, and copy it by hand.";
    }
  });
}
