import { Alert, Button, Divider, Paper, PasswordInput, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertCircle, IconLogin2 } from "@tabler/icons-react";
import { ApiError, api } from "../api/client";
import type { Agent } from "../api/types";
import { type Key, useI18n } from "../i18n";
import { wordsOf } from "./Failure";
import { Logo } from "./Logo";
import css from "./login.module.css";

interface Hint {
  email: string;
  password: string;
}

interface Hints {
  /** Told in development alone. */
  development_login: Hint | null;
  provider: { name: string; url: string } | null;
}

function useHints() {
  return useQuery({ queryKey: ["login-hint"], queryFn: () => api<Hints>("/api/auth/hint"), retry: false, staleTime: Infinity });
}

/** Why the identity provider's way back ended here. */
function useRefusal(): string {
  const { t } = useI18n();
  const code = new URLSearchParams(window.location.search).get("refused");
  return code ? t(REFUSALS[code] ?? "login.refused.failed") : "";
}

const REFUSALS: Partial<Record<string, Key>> = {
  oidc_expired: "login.refused.expired",
  oidc_unavailable: "login.refused.unavailable",
  oidc_email_unverified: "login.refused.email_unverified",
  oidc_not_admitted: "login.refused.not_admitted",
  too_many_logins: "login.refused.too_many",
};

export function Login() {
  const { t, language, setLanguage } = useI18n();
  const queries = useQueryClient();
  const hints = useHints();
  const development = hints.data?.development_login;
  const provider = hints.data?.provider;
  const refusal = useRefusal();
  const form = useForm({
    initialValues: { email: "", password: "", code: "" },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t("login.email_invalid")),
      password: (value) => (value ? null : t("login.password_missing")),
    },
  });
  const login = useMutation({
    mutationFn: (body: Hint & { code: string }) => api<{ agent: Agent }>("/api/auth/login", { body }),
    onSuccess: ({ agent }) => queries.setQueryData(["me"], agent),
  });
  const refused = login.error instanceof ApiError ? login.error.code : "";
  const wantsCode = form.values.code !== "" || refused === "code_wanted" || refused === "bad_code";
  return (
    <main className={css.screen}>
      <section className={css.art} aria-hidden="true">
        <Logo size={64} />
        <p className={css.slogan}>{t("login.slogan")}</p>
        <p className={css.sub}>{t("login.slogan_sub")}</p>
      </section>
      <section className={css.side}>
        <Paper className={css.box} component="form" onSubmit={form.onSubmit((values) => login.mutate({ ...values, email: values.email.trim() }))} noValidate>
          <Stack gap="md">
            <div>
              <Title order={1} fz={24}>
                {t("login.title")}
              </Title>
              <Text c="dimmed" size="sm">
                {t("login.intro")}
              </Text>
            </div>
            {refusal && !login.isError && (
              <Alert role="alert" color="red" variant="light" icon={<IconAlertCircle />}>
                {refusal}
              </Alert>
            )}
            {login.isError && (
              <Alert role="alert" color={refused === "code_wanted" ? "iris" : "red"} variant="light" icon={<IconAlertCircle />}>
                {wordsOf(login.error, t)}
              </Alert>
            )}
            <TextInput label={t("login.email")} type="email" autoComplete="username" size="md" data-autofocus autoFocus {...form.getInputProps("email")} />
            <PasswordInput
              label={t("login.password")}
              autoComplete="current-password"
              size="md"
              visibilityToggleButtonProps={{ "aria-label": t("login.show_password") }}
              {...form.getInputProps("password")}
            />
            {wantsCode && (
              <TextInput
                label={t("second.code")}
                description={t("second.code_hint")}
                autoComplete="one-time-code"
                size="md"
                autoFocus
                {...form.getInputProps("code")}
              />
            )}
            <Button type="submit" size="md" loading={login.isPending}>
              {t("login.submit")}
            </Button>
            {provider && (
              <>
                <Divider label={t("login.or")} />
                <Button component="a" href={provider.url} size="md" variant="default" leftSection={<IconLogin2 size={18} aria-hidden="true" />}>
                  {t("login.provider", { name: provider.name })}
                </Button>
              </>
            )}
            {development && (
              <Alert color="iris" variant="light" title={t("login.development")}>
                <Stack gap={6} align="flex-start">
                  <Text size="sm">
                    <code>{development.email}</code> · <code>{development.password}</code>
                  </Text>
                  <Button size="compact-sm" variant="default" onClick={() => form.setValues({ ...development })}>
                    {t("login.fill_in")}
                  </Button>
                </Stack>
              </Alert>
            )}
            <SegmentedControl
              size="xs"
              aria-label={t("settings.language")}
              value={language}
              onChange={(value) => setLanguage(value as "zh" | "en")}
              data={[
                { value: "zh", label: "中文" },
                { value: "en", label: "English" },
              ]}
            />
          </Stack>
        </Paper>
      </section>
    </main>
  );
}
