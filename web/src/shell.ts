/** The demo frame: changes between its parts, and shows the unread flag of the chat in the rail. */

const links = [...document.querySelectorAll<HTMLAnchorElement>("[data-part]")];
const parts = [...document.querySelectorAll<HTMLElement>("[data-of]")];

/** The page's hash names the part; anything else, as the hash of a chat window, is the chat's. */
function show(): void {
  const named = location.hash.slice(1);
  const part = links.some(({ dataset }) => dataset.part === named) ? named : "chat";
  for (const link of links) {
    if (link.dataset.part === part) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const element of parts) element.hidden = element.dataset.of !== part;
}

function flag({ unread }: { unread: number }): void {
  const badge = document.querySelector<HTMLElement>(".flag");
  if (!badge) return;
  badge.hidden = unread === 0;
  const count = badge.querySelector("span");
  if (count) count.textContent = unread > 99 ? "99+" : String(unread);
}

addEventListener("hashchange", show);
document.addEventListener("company-chat-unread", (event) => flag((event as CustomEvent<{ unread: number }>).detail));
show();
