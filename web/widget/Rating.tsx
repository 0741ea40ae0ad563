import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { usePanel } from "./context";
import { LaterIcon } from "./more-icons";
import "./rating.css";

/** In place of the composer when the chat has ended: five stars, a word, a new beginning. */
export function Rating(): JSX.Element {
  const { chat, speech, newChat, state } = usePanel();
  const { t } = speech;
  const [stars, setStars] = useState(0);
  const [comment, setComment] = useState("");
  const [sent, setSent] = useState(false);
  const talked = state.messages.some(({ author }) => author.type === "visitor");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (stars > 0 && chat.rate(stars, comment.trim())) setSent(true);
  };
  return (
    <div class="rating">
      {sent ? (
        <p class="thanks" role="status">
          {t("rate_thanks")}
        </p>
      ) : (
        talked && (
          <form onSubmit={submit}>
            <fieldset>
              <legend>{t("rate")}</legend>
              <div class="stars">
                {[1, 2, 3, 4, 5].map((value) => (
                  <label data-on={value <= stars}>
                    <input
                      type="radio"
                      name="stars"
                      value={value}
                      checked={stars === value}
                      aria-label={t("rate_star", { stars: value })}
                      onChange={() => setStars(value)}
                    />
                    <LaterIcon name="star" fill={value <= stars} />
                  </label>
                ))}
              </div>
            </fieldset>
            {stars > 0 && (
              <>
                <textarea
                  rows={2}
                  dir="auto"
                  maxLength={1000}
                  aria-label={t("rate_comment")}
                  placeholder={t("rate_comment")}
                  value={comment}
                  onInput={(event) => setComment(event.currentTarget.value)}
                />
                <button class="primary" type="submit">
                  {t("rate_send")}
                </button>
              </>
            )}
          </form>
        )
      )}
      <button class={talked && !sent ? "secondary" : "primary"} type="button" onClick={newChat}>
        {t("new_chat")}
      </button>
    </div>
  );
}
