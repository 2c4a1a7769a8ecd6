// Small helpers shared by the pages. No framework, nothing from elsewhere.
"use strict";

export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Asks /v1; a refusal becomes an Error whose message is the Vietnamese sentence of the problem document.
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("Không kết nối được máy chủ; hãy kiểm tra mạng rồi thử lại.");
  }
  if (answer.status === 401) {
    location.href = "/login?next=" + encodeURIComponent(location.pathname + location.search);
    throw new Error("Chưa đăng nhập.");
  }
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(body.title || "Có lỗi.");
  return body;
}

export function post(path, body) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

export function day(iso) {
  return iso ? iso.slice(0, 10).split("-").reverse().join("/") : "";
}

export const STATE = {
  waiting: ["Đang chờ đọc", "busy"],
  working: ["Đang đọc", "busy"],
  filed: ["Đã lưu kho", "good"],
  review: ["Chờ người xem", "warn"],
  refused: ["Không nhận được", "bad"],
};

export function stateTag(state) {
  const [name, kind] = STATE[state] || [state, ""];
  return make("span", { class: "tag " + kind }, name);
}
